"""A lesson as a row of steps: its cards, its cases, then the questions of the quiz."""

from training.courses.marks import FINAL
from training.courses.shape import Card, Case, Course, Lesson


def lesson_of(course: Course, key: str) -> Lesson | None:
    """Return the lesson; None for the final test. Raises KeyError for a key the course does not have."""
    if key == FINAL:
        return None
    for lesson in course.lessons:
        if lesson.key == key:
            return lesson
    raise KeyError(key)


def readings(course: Course, key: str) -> list[Card | Case]:
    """Return what is read and tried before the quiz, one step each."""
    lesson = lesson_of(course, key)
    if lesson is None:
        return []
    return [*lesson.cards, *(case for case in course.cases if case.lesson == key)]
