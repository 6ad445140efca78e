"""A platform operator's time in the admin: with a reason, ended after 30 minutes, every request written down."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import audit
from accounts.models.user import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.ids import uuid7
from tenancy.models import Organization
from tenancy.scope import scope

LASTS = timedelta(minutes=30)
SHORTEST_REASON = 10


class NoReason(ValueError):
    """A staff session says what it is for."""


class NotStaff(PermissionError):
    """Only a platform operator opens a staff session."""


class StaffSession(models.Model):
    """Global: it may be about no organization at all. The organization it opens finds it in its own audit log."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    session_key = models.CharField(max_length=40, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300)
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["user", "-started_at"], name="staff_session_by_user")]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="staff_session_has_a_reason")]

    def __str__(self) -> str:
        return f"{self.user} at {self.organization or 'the platform'}, {self.started_at:%Y-%m-%d %H:%M}"

    @classmethod
    def standing(cls, user: User, session_key: str | None) -> Self | None:
        """Return the staff session in force in this browser session, if any."""
        return (
            cls.objects.select_related("organization", "user")
            .filter(user=user, session_key=session_key or "-", ended_at=None, ends_at__gt=timezone.now())
            .first()
        )

    @classmethod
    @transaction.atomic
    def begin(cls, *, by: User, session_key: str, reason: str, organization: Organization | None = None) -> Self:
        """Open 30 minutes, ending what stood before; raise NoReason or NotStaff. The organization's log says so."""
        if not (by.is_staff and by.is_active):
            raise NotStaff("Only a platform operator opens a staff session.")
        if len(reason.strip()) < SHORTEST_REASON:
            raise NoReason(f"Say what it is for, in at least {SHORTEST_REASON} characters.")
        cls.objects.filter(user=by, session_key=session_key, ended_at=None).update(ended_at=timezone.now())
        now = timezone.now()
        session = cls.objects.create(
            user=by,
            session_key=session_key,
            reason=reason.strip(),
            organization=organization,
            started_at=now,
            ends_at=now + LASTS,
        )
        if organization:
            with scope(organization.pk):
                record(audit.STAFF_ENTERED, by=session.actor, subject=session, reason=session.reason)
        return session

    @transaction.atomic
    def end(self) -> None:
        """Close it before its time."""
        if type(self).objects.filter(pk=self.pk, ended_at=None).update(ended_at=timezone.now()) and self.organization:
            with scope(self.organization.pk):
                record(audit.STAFF_LEFT, by=self.actor, subject=self)

    @property
    def actor(self) -> Actor:
        """The operator as the actor of a verb."""
        return Actor("staff", self.user_id, str(self.user))


class StaffRequest(models.Model):
    """One request made in a staff session; written before it is answered, never changed."""

    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(StaffSession, on_delete=models.PROTECT, related_name="requests")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
