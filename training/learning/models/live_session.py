"""A live session of a course: when, where, who holds it, and how many seats there are."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, Site, TenantModel
from training.courses.kinds import live_parts
from training.courses.models import Course
from training.learning import audit

MOST_SEATS, MOST_MINUTES, MOST_TIMES, MOST_WEEKS = 500, 480, 26, 12
MOST_YEARS = 10
"""How far ahead a session lies at most: the ends of the calendar have no date in every zone."""


class NotHeld(ValueError):
    """The session cannot be planned or changed so; the message says why, and nothing was written."""


class LiveSessionQuerySet(TenantQuerySet["LiveSession"]):
    """Named filters over live sessions."""

    def for_page(self) -> "LiveSessionQuerySet":
        """With what a list names, the next one first."""
        return self.select_related("course", "site", "organization").order_by("starts_at", "id")

    def to_come(self) -> "LiveSessionQuerySet":
        """Neither cancelled nor over."""
        return self.filter(cancelled_at=None, ends_at__gt=timezone.now())

    def of_late(self) -> "LiveSessionQuerySet":
        """Of the last month, and to come."""
        return self.filter(ends_at__gt=timezone.now() - timedelta(days=31))

    def after(self, session: "LiveSession") -> "LiveSessionQuerySet":
        """Later ones of its series, as far as they are to come."""
        return (
            self.filter(series=session.series, starts_at__gt=session.starts_at).to_come()
            if session.series
            else self.none()
        )

    def at_site(self, site_id: UUID) -> "LiveSessionQuerySet":
        """Open to people of a site."""
        return self.filter(Q(site=None) | Q(site_id=site_id))


class LiveSession(TenantModel):
    """People sign up until it begins; `counts_for` is the lesson, or the competency, that attending it stands for."""

    course: Any = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="live_sessions")
    counts_for = models.CharField(max_length=80, help_text="The key of a live lesson, or observation")
    title = models.CharField(max_length=160, help_text="The title of that part as it was when the session was planned")
    site: Any = TenantForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField(help_text="starts_at and minutes: what lists ask for")
    place = models.CharField(max_length=200, help_text="A room, or the address of a call")
    capacity = models.PositiveSmallIntegerField()
    trainer = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    series = models.UUIDField(null=True, help_text="The same for sessions that were planned together")
    changed = models.PositiveSmallIntegerField(default=0, help_text="How often it was moved: iCalendar's SEQUENCE")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_because = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(LiveSessionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(capacity__range=(1, MOST_SEATS)), name="live_session_seats"),
            models.CheckConstraint(condition=Q(minutes__range=(5, MOST_MINUTES)), name="live_session_minutes"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="live_session_ends_later"),
        ]
        indexes = [
            models.Index(fields=["organization", "ends_at"], name="live_session_by_end"),
            models.Index(fields=["organization", "series"], name="live_session_by_series"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.said}"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its site, else of the organization."""
        organization: Organization = self.organization
        return ZoneInfo((self.site.time_zone if self.site else "") or organization.time_zone or "UTC")

    @property
    def local(self) -> datetime:
        """When it begins, by the clock on its wall."""
        return timezone.localtime(self.starts_at, self.zone)

    @property
    def said(self) -> str:
        """The same in words, for the log."""
        return f"{self.local:%-d %b %Y %H:%M}"

    @property
    def begun(self) -> bool:
        """Whether it has begun."""
        return self.starts_at <= timezone.now()

    @classmethod
    @transaction.atomic
    def plan(
        cls, course: Course, *, counts_for: str, starts_at: datetime, minutes: int, place: str, capacity: int,
        trainer: User, by: Actor, site: Site | None = None, series: UUID | None = None,
    ) -> "LiveSession":  # fmt: skip
        """Plan a session; raise NotHeld where the course has no such part, or when, where or for whom makes no sense."""
        parts = live_parts(course.current.content)
        if counts_for not in parts:
            raise NotHeld(f"{course.title} has no part that a live session counts for: its course.yaml says which.")
        row = cls(
            course=course, counts_for=counts_for, title=parts[counts_for][:160], trainer=trainer, site=site, series=series
        )  # fmt: skip
        row._set(starts_at, minutes, place, capacity)
        row.save(force_insert=True)
        record(
            audit.SESSION_PLANNED, by=by, subject=row, title=row.title, starts_at=row.said,
            capacity=capacity,
        )  # fmt: skip
        return row

    @transaction.atomic
    def change(self, *, starts_at: datetime, minutes: int, place: str, capacity: int, by: Actor) -> bool:
        """Move it or change its seats; return whether anything changed. Seats that are taken stay, also above the number.

        Who hears of it, and who moves up from the waiting list: `training.learning.actions.live_sessions`.
        """
        row = self.locked(self.pk)
        if row.cancelled_at:
            raise NotHeld("It was cancelled: plan another one.")
        if row.begun:
            raise NotHeld("It has begun: it stays as it was planned.")
        before = (row.starts_at, row.minutes, row.place, row.capacity)
        row._set(starts_at, minutes, place, capacity)
        if (row.starts_at, row.minutes, row.place, row.capacity) == before:
            return False
        row.changed += before[:3] != (row.starts_at, row.minutes, row.place)
        row.save(update_fields=["starts_at", "minutes", "ends_at", "place", "capacity", "changed"])
        record(
            audit.SESSION_CHANGED, by=by, subject=row, title=row.title, starts_at=row.said,
            capacity=capacity,
        )  # fmt: skip
        self.refresh_from_db()
        return True

    @transaction.atomic
    def cancel(self, because: str, *, by: Actor) -> bool:
        """Cancel it with a reason; return whether that is news."""
        because = " ".join(because.split())
        if not because:
            raise NotHeld("Say why it is cancelled: people who signed up read it.")
        row = self.locked(self.pk)
        if row.cancelled_at:
            return False
        if row.begun:
            raise NotHeld("It has begun: it cannot be cancelled any more.")
        row.cancelled_at, row.cancelled_because = timezone.now(), because[:300]
        row.changed += 1
        row.save(update_fields=["cancelled_at", "cancelled_because", "changed"])
        record(audit.SESSION_CANCELLED, by=by, subject=row, title=row.title, because=row.cancelled_because)
        self.refresh_from_db()
        return True

    @classmethod
    def lock_series(cls, session: "LiveSession", *, later: bool) -> list["LiveSession"]:
        """Lock a session, and if so wished the later ones of its series; return it first, then those as they follow.

        All are locked by one statement in one order, so that two who change a series wait for each other.
        """
        wanted = [session.pk, *(cls.objects.after(session).values_list("pk", flat=True) if later else ())]
        rows = cls.objects.filter(pk__in=wanted).select_related("site", "organization").order_by("pk")
        found = list(rows.select_for_update(no_key=True, of=("self",)))
        return sorted(found, key=lambda one: (one.pk != session.pk, one.starts_at, one.pk))

    @staticmethod
    def demand_near(starts_at: datetime) -> None:
        """Raise NotHeld for a moment that has passed, and for one that lies out of all reason ahead."""
        now = timezone.now()
        if starts_at.year > now.year + MOST_YEARS:
            raise NotHeld(f"It begins more than {MOST_YEARS} years from now: look at the year.")
        if starts_at.year < now.year - 1 or starts_at <= now:
            raise NotHeld("It begins in the past.")

    def _set(self, starts_at: datetime, minutes: int, place: str, capacity: int) -> None:
        self.demand_near(starts_at)
        if not 5 <= minutes <= MOST_MINUTES:
            raise NotHeld(f"A session takes 5 to {MOST_MINUTES} minutes, not {minutes}.")
        if not 1 <= capacity <= MOST_SEATS:
            raise NotHeld(f"A session has 1 to {MOST_SEATS} seats, not {capacity}.")
        place = " ".join(place.split())
        if not place:
            raise NotHeld("Say where: a room, or the address of the call.")
        self.starts_at, self.minutes, self.capacity, self.place = starts_at, minutes, capacity, place[:200]
        self.ends_at = starts_at + timedelta(minutes=minutes)
