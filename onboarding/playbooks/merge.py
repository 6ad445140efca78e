"""Merge field by field, three ways: what stood (base), what we made of it (ours), what came new (theirs)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Both sides changed a field, and not to the same."""

    field: str
    base: Any
    ours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class FieldMerge:
    """The fields to take from theirs, and those that somebody has to decide."""

    taken: dict[str, Any]
    conflicts: tuple[FieldConflict, ...]


def merge_fields(
    base: Fields | None, ours: Fields, theirs: Fields, *, always_theirs: Collection[str] = ()
) -> FieldMerge:
    """Merge one thing's fields; without a base, every difference between ours and theirs is a conflict.

    Fields of `always_theirs` are nobody's to adapt: they are taken and never in conflict. What theirs leaves out stays.
    """
    taken: dict[str, Any] = {}
    conflicts = []
    for field, wanted in theirs.items():
        standing = ours.get(field)
        if standing == wanted:
            continue
        before = None if base is None else base.get(field)
        if field in always_theirs or (base is not None and standing == before):
            taken[field] = wanted
        elif base is None or wanted != before:
            conflicts.append(FieldConflict(field, before, standing, wanted))
    return FieldMerge(taken, tuple(conflicts))
