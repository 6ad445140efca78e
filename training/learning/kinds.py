"""How each kind of lesson is taught: what passes it, and what its last screen asks. The other half of `training.courses.kinds`.

A further kind (SCORM, cmi5, LTI) is one module that registers there what a course must say of it and here how a learner
goes through it; whatever passes the lesson ends in `LessonProgress.mark_passed` and `settle`, as reading and attending do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actor import Actor
from training.courses import kinds
from training.courses.kinds import find, names
from training.courses.shape import Course
from training.learning.actions.settle import settle
from training.learning.models import Assignment, LessonProgress, LiveSession, SessionSeat
from training.learning.steps import lesson_of

ReadToTheEnd = Callable[[LessonProgress, Actor], None]
LastScreen = Callable[[Assignment, str], dict[str, Any]]
"""From the assignment and the lesson's key to what the template names."""


@dataclass(frozen=True, slots=True)
class Taught:
    """How a kind is taught. Without a `template` a lesson that is read and has no quiz is passed by `read_to_the_end`."""

    name: str
    read_to_the_end: ReadToTheEnd
    template: str = ""
    """What stands after the last card as long as the lesson is not passed."""
    last_screen: LastScreen = lambda assignment, lesson: {}
    promise: Callable[[], str] = lambda: ""
    """What the course's page says of it beforehand."""


_taught: dict[str, Taught] = {}


def teach(taught: Taught) -> None:
    """Say how a kind is taught; raise KeyError for one that no course can hold, ValueError for one that is taught already."""
    find(taught.name)
    if taught.name in _taught:
        raise ValueError(f"The lesson kind {taught.name} is taught twice.")
    _taught[taught.name] = taught


def taught(course: Course, lesson: str) -> Taught:
    """Return how a lesson, or the final test, is taught."""
    found = lesson_of(course, lesson)
    return _taught[found.kind if found else kinds.READING]


def untaught() -> set[str]:
    """Return the kinds that a course may hold and nobody teaches; a test wants none."""
    return set(names()) - set(_taught)


@transaction.atomic
def _pass(progress: LessonProgress, by: Actor) -> None:
    progress.mark_passed(None, by=by)
    settle(progress.assignment, by=by)


def _wait(progress: LessonProgress, by: Actor) -> None:
    """Reading prepares; being there passes (`actions.live_sessions.note_attendance`)."""


def sessions_for(assignment: Assignment, lesson: str) -> dict[str, Any]:
    """Return the sessions to come that count for this part, and the learner's places in them by session."""
    rows = LiveSession.objects.to_come().filter(course_id=assignment.course_id, counts_for=lesson)
    sessions = list(rows.at_site(assignment.site_id).for_page().select_related("trainer"))
    seats = SessionSeat.objects.filter(session__in=sessions, user_id=assignment.user_id).standing()
    return {"sessions": sessions, "places": {seat.session_id: seat for seat in seats}}


teach(Taught(kinds.READING, _pass))
teach(
    Taught(
        kinds.LIVE, _wait, "learning/live_lesson.html", sessions_for,
        lambda: _("You take part in a live session. Sign up at the end of the lesson."),
    )
)  # fmt: skip
