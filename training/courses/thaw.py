"""A course from its stored JSON: the very dataclasses that reading the files gives."""

import types
from dataclasses import MISSING, fields, is_dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from training.courses.shape import Course


def thaw(data: dict[str, Any]) -> Course:
    """Return the frozen course of `asdict` data; raise KeyError for a field that is missing and has no default."""
    course = _build(Course, data)
    assert isinstance(course, Course)
    return course


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        told = [field.name for field in fields(kind) if field.name in value or field.default is MISSING]
        return kind(**{name: _build(hints[name], value[name]) for name in told})
    origin = get_origin(kind)
    if origin is tuple:
        return tuple(_build(get_args(kind)[0], item) for item in value)
    if origin in (Union, types.UnionType):
        inner = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _build(inner, value)
    return value


@lru_cache(maxsize=64)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
