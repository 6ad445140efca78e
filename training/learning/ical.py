"""A person's training in their calendar: live sessions with their place, those they hold, and the days courses are due."""

from uuid import UUID

from training.learning.calendar import organization_today
from training.learning.models import Assignment, LiveSession, SessionSeat
from training.learning.standing import standings
from web.ical import Entry

MOST = 200


def days_of(user_id: UUID, base: str, org: str) -> list[Entry]:
    """Return sessions of the last month and to come in which they have a seat, and open courses with a date."""
    place, today = f"{base}/o/{org}/learning", organization_today()
    seats = SessionSeat.objects.filter(user_id=user_id).taken()
    mine = {seat.session_id for seat in seats.order_by("-asked_at", "-id")[:MOST]}
    sessions = LiveSession.objects.of_late().for_page()
    found = {row.pk: row for row in [*sessions.filter(pk__in=mine), *sessions.filter(trainer_id=user_id)]}
    rows = Assignment.objects.active(today).filter(user_id=user_id).exclude(due_on=None)
    open_ = [
        one.assignment
        for one in standings(rows.select_related("course").order_by("due_on", "id")[:MOST], today)
        if one.open
    ]
    return [session_entry(row, f"{place}/sessions/") for row in found.values()] + [
        Entry(f"course-{row.pk}", row.due_on, row.course.title, "", f"{place}/{row.pk}/next/", row.cycle)
        for row in open_
        if row.due_on
    ]


def session_entry(session: LiveSession, address: str) -> Entry:
    """Return a session as a meeting; one that was cancelled says so, for calendars that have it already."""
    return Entry(
        f"session-{session.pk}", session.local.date(), session.title, session.course.title, address, session.changed,
        at=session.starts_at, minutes=session.minutes, where=session.place, cancelled=bool(session.cancelled_at),
    )  # fmt: skip
