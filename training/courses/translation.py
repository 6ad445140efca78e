"""A translation of a course: the same course in other words."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .document import load_course
from .problems import CourseProblemsError
from .shape import Course

# What a translator changes; everything else must be the same in every language.
_WORDS = {"title", "summary", "text", "prompt", "feedback", "markdown", "label", "value", "default"}
_OWN = {"language", "translation_of", "media", "captions"}


def load_translation(source: Course, folder: Path) -> Course:
    """Read a translation of ``source`` from ``folder`` and check that only words differ."""
    course = load_course(folder)
    if problems := problems_of(source, course):
        raise CourseProblemsError(problems)
    return course


def problems_of(source: Course, course: Course) -> list[str]:
    """Say why a course is no translation of `source`; nothing where it is one."""
    problems = []
    place = f"course.yaml: {source.key}"
    if course.language == source.language:
        problems.append(f"{place}: language: is {course.language}, the language of the original")
    if course.translation_of != source.sha256:
        problems.append(f"{place}: translation_of: is not the SHA-256 of version {source.version}, {source.sha256}")
    if where := difference(source, course):
        problems.append(f"{place}: {where}: differs from the original")
    return problems


def difference(source: Course, course: Course) -> str:
    """Return the first place in which two courses differ in more than words, or nothing."""
    ours, theirs = asdict(source), asdict(course)
    # Which version it is and what it asks of others is the original's own business.
    return _difference({**ours, "version": "", "change": ""}, {**theirs, "version": "", "change": ""}, "")


def _difference(ours: Any, theirs: Any, path: str) -> str:
    """The first place where two courses differ in more than words, or nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        pairs: Iterable[tuple[Any, Any, str]] = (
            (ours[name], theirs[name], f"{path}.{name}" if path else name)
            for name in ours
            if name not in _OWN and not (name in _WORDS and isinstance(ours[name], str))
        )
    elif isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        pairs = ((a, b, f"{path}[{n}]") for n, (a, b) in enumerate(zip(ours, theirs, strict=True), 1))
    else:
        return "" if ours == theirs else path
    return next(filter(None, (_difference(a, b, where) for a, b, where in pairs)), "")
