"""Signing up for live sessions, moving up from the waiting list, and what attendance counts for."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.actor import Actor
from notices.models import Reminder
from tenancy.ids import uuid7
from tenancy.models import Site
from training.courses.kinds import OBSERVATION, live_parts
from training.courses.models import Course
from training.learning.actions.settle import settle
from training.learning.calendar import organization_today, zone_at
from training.learning.live_notices import plan_sessions, tell_of_change, tell_of_seats
from training.learning.models import Assignment, LessonProgress, LiveSession, ObservedCompetency, SessionSeat
from training.learning.models.live_session import MOST_TIMES, MOST_WEEKS, NotHeld

PARTS = ("minutes", "place", "capacity")
"""What each session of a series has of its own, beside when it begins."""


@transaction.atomic
def plan_series(
    course: Course, *, starts_at: datetime, weeks: int, times: int, site: Site | None, by: Actor, **parts: Any
) -> list[LiveSession]:
    """Plan so many sessions, every so many weeks at the same time by the clock on the wall; all of them or none.

    `parts` is what else `LiveSession.plan` takes. One time is a session by itself. Raises NotHeld for numbers that make no
    sense, and for what `plan` refuses.
    """
    if not (1 <= times <= MOST_TIMES and 1 <= weeks <= MOST_WEEKS):
        raise NotHeld(f"Sessions repeat 1 to {MOST_TIMES} times, every 1 to {MOST_WEEKS} weeks.")
    LiveSession.demand_near(starts_at)
    series = uuid7() if times > 1 else None
    first = starts_at.astimezone(zone_at(site))
    return [
        LiveSession.plan(
            course, starts_at=first + timedelta(weeks=weeks * number), site=site, series=series, by=by, **parts
        )
        for number in range(times)
    ]


@transaction.atomic
def sign_up(session: LiveSession, assignment: Assignment, *, by: Actor) -> SessionSeat:
    """Take a seat or a place on the waiting list (see `SessionSeat.take`), and plan the reminders of a seat."""
    seat = SessionSeat.take(session, assignment, by=by)
    plan_sessions([seat], by=by)
    return seat


@transaction.atomic
def give_up(seat: SessionSeat, *, by: Actor) -> None:
    """Give a place back; the first of the waiting list moves up and hears of it."""
    if seat.give_up(by=by):
        Reminder.cancel([seat.pk], by=by, reason="The seat was given up.")
        _fill(seat.session, by)


@transaction.atomic
def change_session(
    session: LiveSession,
    *,
    starts_at: datetime,
    minutes: int,
    place: str,
    capacity: int,
    later: bool = False,
    by: Actor,
) -> int:
    """Move it or change its seats (see `LiveSession.change`): everybody with a place hears of a move, free seats are filled.

    With `later` the later ones of its series follow: by as many days and hours by the clock on the wall, and in what else is
    new for this one. All of them or none. Return how many changed.
    """
    before, *others = LiveSession.lock_series(session, later=later)
    changed = int(_change(session, starts_at=starts_at, minutes=minutes, place=place, capacity=capacity, by=by))
    shift = session.local.replace(tzinfo=None) - before.local.replace(tzinfo=None)
    new = {name: getattr(session, name) for name in PARTS if getattr(session, name) != getattr(before, name)}
    for one in others:
        stays = {name: getattr(one, name) for name in PARTS}
        moved = (one.local.replace(tzinfo=None) + shift).replace(tzinfo=one.zone)
        try:
            changed += _change(one, starts_at=moved, **{**stays, **new}, by=by)
        except NotHeld as refused:
            raise NotHeld(f"{one.said}: {refused}") from None
    return changed


@transaction.atomic
def cancel_session(session: LiveSession, because: str, *, later: bool = False, by: Actor) -> int:
    """Cancel it, and if so wished the later ones of its series; everybody with a place hears why. Return how many that is news for."""
    locked = LiveSession.lock_series(session, later=later)
    cancelled = [one for one in [session, *locked[1:]] if one.cancel(because, by=by)]
    for one in cancelled:
        seats = list(SessionSeat.objects.filter(session=one).standing().select_related("user", "session__site"))
        Reminder.cancel([seat.pk for seat in seats], by=by, reason="The session was cancelled.")
        tell_of_change(seats)
    return len(cancelled)


@transaction.atomic
def note_attendance(session: LiveSession, present: Collection[UUID], *, by: Actor) -> int:
    """Note who was there, by assignment, signed up or not; all others with a seat were not. Return how many are new.

    Being there passes the lesson, or the competency, that the session counts for, as far as the learner's version has it.
    """
    fitting = Assignment.objects.active(organization_today()).filter(course_id=session.course_id)
    if session.site_id:
        fitting = fitting.filter(site_id=session.site_id)
    rows = fitting.filter(pk__in=present).select_related("version", "course", "user", "site").order_by("pk")
    new = 0
    for assignment in rows:
        if SessionSeat.note(session, assignment, there=True, by=by):
            new += 1
            _count(session, assignment, by)
    there = {row.user_id for row in rows}
    for seat in SessionSeat.objects.filter(session=session, state=SessionSeat.State.SEATED).select_related(
        "assignment"
    ):
        if seat.user_id not in there:
            SessionSeat.note(session, seat.assignment, there=False, by=by)
    return new


def _change(session: LiveSession, *, by: Actor, **parts: Any) -> bool:
    before = session.changed
    if not session.change(**parts, by=by):
        return False
    if session.changed != before:
        seats = list(SessionSeat.objects.filter(session=session).standing().select_related("user", "session__site"))
        plan_sessions(seats, by=by)
        tell_of_change(seats)
    _fill(session, by)
    return True


def _count(session: LiveSession, assignment: Assignment, by: Actor) -> None:
    content = assignment.version.content
    if session.counts_for not in live_parts(content):
        return
    if session.counts_for == OBSERVATION:
        assert content.observation
        seen = [item.key for item in content.observation.items]
        ObservedCompetency.sign(assignment, seen=seen, note=f"Live session: {session}", by=by)
    else:
        mark = assignment.version.marks[session.counts_for]
        progress, _ = LessonProgress.objects.get_or_create(
            assignment=assignment, lesson=session.counts_for, mark=mark, cycle=assignment.cycle
        )
        progress.mark_passed(None, by=by)
    settle(assignment, by=by)


def _fill(session: LiveSession, by: Actor) -> None:
    seats = SessionSeat.move_up(session, by=by)
    plan_sessions(seats, by=by)
    tell_of_seats(seats)
