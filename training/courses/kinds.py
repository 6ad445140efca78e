"""The kinds of lessons that a course may hold. A kind is one entry here and one in `training.learning.kinds`.

SCORM, cmi5 and LTI are not there yet: each will be a kind whose `problems` look at the package or launch address that its
lesson names, and whose other half says how a learner enters it and what counts as passed (docs/course-format.md, "Kinds").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .shape import Course, Lesson

READING, LIVE = "reading", "live"
Problems = Callable[[Course, Lesson], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a lesson of this kind must have; `problems` says what is wrong with one."""

    name: str
    title: str
    problems: Problems


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; raise ValueError if the name is taken."""
    if kind.name in _kinds:
        raise ValueError(f"The lesson kind {kind.name} is registered twice.")
    _kinds[kind.name] = kind


def find(name: str) -> Kind:
    """Return the kind of that name; raise KeyError."""
    return _kinds[name]


def names() -> tuple[str, ...]:
    """Return every kind there is."""
    return tuple(sorted(_kinds))


def live_parts(course: Course) -> dict[str, str]:
    """Return what attending a live session can count as, with its title: lessons of that kind, and the observed competency."""
    parts = {lesson.key: lesson.title for lesson in course.lessons if lesson.kind == LIVE}
    if course.observation and course.observation.live:
        parts[OBSERVATION] = course.observation.title
    return parts


OBSERVATION = "observation"
"""The key of the observed competency among the parts; no lesson may be called so."""


def _nothing(course: Course, lesson: Lesson) -> Iterator[str]:
    yield from ()


def _of_live(course: Course, lesson: Lesson) -> Iterator[str]:
    if any(question.lesson == lesson.key and question.quiz == "lesson" for question in course.questions):
        yield "a live lesson is passed by attending: give its questions to the lesson before, or to the final test"


register(Kind(READING, "Read, then answer", _nothing))
register(Kind(LIVE, "Attend a live session", _of_live))
