"""What people hear of live sessions: the day before and on the day; at once that a seat came free, or that it moved."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from audit.actor import Actor
from notices.kinds import Description, Kind, kind
from notices.models import Reminder, Wanted
from training.learning.calendar import organization_today
from training.learning.models import SessionSeat
from web.formats import moment
from web.language import named

STEPS = (("-1", timedelta(days=1)), ("0", timedelta()))
"""How long before the day of the session who has a seat is reminded."""


def describe_seats(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe sessions to come in which somebody has a seat; one that was given up or cancelled needs no message."""
    return {seat.pk: _described(seat) for seat in _of(ids) if not seat.session.cancelled_at and not seat.session.begun}


def describe_changes(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe sessions that were moved or cancelled, to everybody with a place."""
    found = {}
    for seat in _of(ids):
        session = seat.session
        if session.cancelled_at:
            found[seat.pk] = _described(
                seat,
                named("Cancelled: %(title)s", title=session.title),
                session.cancelled_because,
            )
        else:
            found[seat.pk] = _described(seat, named("New time or place: %(title)s", title=session.title))
    return found


SESSION_COMES = kind("training.live_session", "A live session comes", describe=describe_seats)
SEAT_FREE = kind("training.seat_free", "You have a seat in a live session", describe=describe_seats, apart=True)
SESSION_MOVED = kind(
    "training.session_moved", "A live session was moved or cancelled", describe=describe_changes, apart=True
)


def plan_sessions(seats: Iterable[SessionSeat], *, by: Actor) -> None:
    """Bring the reminders of these seats in line with when their session begins."""
    rows, today = list(seats), organization_today()
    Reminder.cancel([row.pk for row in rows], by=by, reason="The session was moved.", kind=SESSION_COMES)
    wanted = []
    for row in rows:
        on = row.session.local.date()
        wanted += [
            _wanted(row, SESSION_COMES, step, gettext_noop("You signed up for it."), on - before)
            for step, before in STEPS
            if row.state == SessionSeat.State.SEATED and on - before >= today
        ]
    Reminder.schedule(wanted)


def tell_of_seats(seats: Iterable[SessionSeat]) -> None:
    """Tell at once who moved up from the waiting list."""
    today = organization_today()
    Reminder.schedule(
        _wanted(row, SEAT_FREE, "seat", gettext_noop("You were on the waiting list."), today) for row in seats
    )


def tell_of_change(seats: Iterable[SessionSeat]) -> None:
    """Tell at once everybody with a place that the session is at another time or place, or not held."""
    today = organization_today()
    Reminder.schedule(
        _wanted(row, SESSION_MOVED, f"change-{row.session.changed}", gettext_noop("You signed up for it."), today)
        for row in seats
    )


def _wanted(row: SessionSeat, what: Kind, step: str, reason: str, on: date) -> Wanted:
    return Wanted(
        recipient=row.user,
        kind=what,
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        step=step,
        on=on,
        reason=reason,
        zone=row.session.zone.key,
    )


def _of(ids: Collection[UUID]) -> list[SessionSeat]:
    rows = SessionSeat.objects.filter(pk__in=ids).standing()
    return list(rows.select_related("session__course", "session__site", "session__organization"))


def _described(seat: SessionSeat, title: str = "", detail: str = "") -> Description:
    session = seat.session
    with timezone.override(session.zone):
        when = f"{moment(session.starts_at)}, {session.place}"
    return Description(
        title=title or session.title,
        detail=f"{detail} {when}".strip(),
        path=reverse("org:learning:sessions", kwargs={"org": session.organization.slug}),
        due_on=session.local.date(),
    )
