"""A learner's place in a live session: a seat, a place on the waiting list, and whether they were there."""

from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.assignment import Assignment
from training.learning.models.live_session import LiveSession


class NoSeat(ValueError):
    """The place cannot be taken or given up; the message says why, and nothing was written."""


class SessionSeatQuerySet(TenantQuerySet["SessionSeat"]):
    """Named filters over seats."""

    def taken(self) -> "SessionSeatQuerySet":
        """Seats that count for the capacity."""
        return self.filter(state__in=[SessionSeat.State.SEATED, SessionSeat.State.ATTENDED, SessionSeat.State.MISSED])

    def waiting(self) -> "SessionSeatQuerySet":
        """The waiting list, who came first first."""
        return self.filter(state=SessionSeat.State.WAITING).order_by("asked_at", "id")

    def standing(self) -> "SessionSeatQuerySet":
        """All but those that were given up."""
        return self.exclude(state=SessionSeat.State.GIVEN_UP)


class SessionSeat(TenantModel):
    """One for each person and session; the assignment is what attending counts for."""

    class State(models.TextChoices):
        """Where the place stands."""

        SEATED = "seated", "Has a seat"
        WAITING = "waiting", "On the waiting list"
        GIVEN_UP = "given_up", "Given up"
        ATTENDED = "attended", "Was there"
        MISSED = "missed", "Was not there"

    MOVES: dict[str, set[str]] = {
        State.SEATED: {State.GIVEN_UP, State.ATTENDED, State.MISSED},
        State.WAITING: {State.SEATED, State.GIVEN_UP, State.ATTENDED},
        State.GIVEN_UP: {State.SEATED, State.WAITING, State.ATTENDED},
        State.MISSED: {State.ATTENDED},
        State.ATTENDED: set(),
    }
    part_of = "session"

    session: Any = TenantForeignKey(LiveSession, on_delete=models.PROTECT, related_name="seats")
    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    asked_at = models.DateTimeField(default=timezone.now, help_text="The order of the waiting list")

    objects = TenantManager.from_queryset(SessionSeatQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "session", "user"], name="session_seat_once"),
            models.CheckConstraint(
                condition=Q(state__in=["seated", "waiting", "given_up", "attended", "missed"]),
                name="session_seat_state",
            ),
        ]

    @classmethod
    @transaction.atomic
    def take(cls, session: LiveSession, assignment: Assignment, *, by: Actor) -> "SessionSeat":
        """Give the learner a seat, or a place on the waiting list where all are taken; who has one keeps it.

        Raises NoSeat for a session that has begun or was cancelled, for another course and for another site.
        """
        assignment.demand_own(by)
        session = LiveSession.locked(session.pk)
        if session.cancelled_at:
            raise NoSeat(_("This session was cancelled."))
        if session.begun:
            raise NoSeat(_("This session has begun."))
        if session.course_id != assignment.course_id or session.site_id not in (None, assignment.site_id):
            raise NoSeat(_("This session is for other people."))
        row: SessionSeat | None = cls.objects.filter(session=session, user_id=assignment.user_id).first()
        if row and row.state != cls.State.GIVEN_UP:
            return row
        full = cls.objects.filter(session=session).taken().count() >= session.capacity
        state = cls.State.WAITING if full else cls.State.SEATED
        if row:
            row.assignment, row.asked_at = assignment, timezone.now()
            row._move(state, "assignment", "asked_at")
        else:
            row = cls(session=session, assignment=assignment, user_id=assignment.user_id, state=state)
            row.save(force_insert=True)
        record(audit.SEAT_WAITED if full else audit.SEAT_TAKEN, by=by, subject=row, title=session.title)
        return row

    @transaction.atomic
    def give_up(self, *, by: Actor) -> bool:
        """Give the place back before the session begins; return whether it was held."""
        self.assignment.demand_own(by)
        session = LiveSession.locked(self.session_id)
        row = self.locked(self.pk)
        if row.state == self.State.GIVEN_UP:
            return False
        if session.begun:
            raise NoSeat(_("This session has begun."))
        row._move(self.State.GIVEN_UP)
        record(audit.SEAT_GIVEN_UP, by=by, subject=row, title=session.title)
        self.state = row.state
        return True

    @classmethod
    @transaction.atomic
    def move_up(cls, session: LiveSession, *, by: Actor) -> list["SessionSeat"]:
        """Give free seats to the waiting list, in its order; return who moved up."""
        session = LiveSession.locked(session.pk)
        if session.cancelled_at or session.begun:
            return []
        free = session.capacity - cls.objects.filter(session=session).taken().count()
        rows = list(cls.objects.filter(session=session).waiting().select_related("user")[: max(0, free)])
        for row in rows:
            row._move(cls.State.SEATED)
            record(audit.SEAT_TAKEN, by=by, subject=row, title=session.title)
        return rows

    @classmethod
    @transaction.atomic
    def note(cls, session: LiveSession, assignment: Assignment, *, there: bool, by: Actor) -> bool:
        """Note whether the learner was there, signed up or not; return whether that is news.

        Who was there stays so: what it counted for is taken back by revoking the completion. Raises NoSeat before the
        session begins, for a cancelled one, and for one's own attendance.
        """
        if by.id is None or by.may_not_be(assignment.user_id):
            raise NoSeat("Somebody else notes that you were there.")
        session = LiveSession.locked(session.pk)
        if session.cancelled_at or not session.begun:
            raise NoSeat("Attendance is noted once the session has begun.")
        row: SessionSeat | None = cls.objects.filter(session=session, user_id=assignment.user_id).first()
        state = cls.State.ATTENDED if there else cls.State.MISSED
        if row is None:
            if not there:
                return False
            row = cls(session=session, assignment=assignment, user_id=assignment.user_id, state=state)
            row.save(force_insert=True)
        elif state not in cls.MOVES[row.state]:
            return False
        else:
            row._move(state)
        record(audit.ATTENDED if there else audit.MISSED, by=by, subject=row, title=session.title)
        return True

    def _move(self, state: str, *fields: str) -> None:
        if state not in self.MOVES[self.state]:
            raise NoSeat(f"A place that is “{self.get_state_display()}” cannot become “{self.State(state).label}”.")
        self.state = state
        self.save(update_fields=["state", *fields])
