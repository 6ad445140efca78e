"""Help at the elbow: who was helped with what, for how many minutes; and which superusers stand by on which shift."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.rollout import Rollout
from training.learning.roles import CHOICES, TITLES

TOPICS = {
    "sign-in": "Signing in and access",
    "enroll": "Enrolling a patient",
    "results": "Reading results",
    "risk": "Risk protocol",
    "devices": "Phones and devices",
    "workflow": "Who does what, when",
    "billing": "Codes and time",
    "other": "Something else",
}
MOST_MINUTES = 240


class NotLogged(ValueError):
    """The contact cannot be logged; the message says why."""


class ContactQuerySet(TenantQuerySet["SupportContact"]):
    """Named filters over contacts."""

    def newest_first(self) -> "ContactQuerySet":
        """By day."""
        return self.order_by("-on", "-logged_at", "-id")


class SupportContact(TenantModel):
    """One contact: whom by job role, about what, how long. Never a patient, never who exactly needed help."""

    append_only = True
    part_of = "rollout"

    rollout: Any = TenantForeignKey(Rollout, on_delete=models.PROTECT, related_name="contacts")
    helper_id = models.UUIDField()
    helper_name = models.CharField(max_length=120)
    job_role = models.CharField(max_length=24, choices=CHOICES, help_text="Of the person who was helped")
    topic = models.CharField(max_length=12, choices=list(TOPICS.items()))
    minutes = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    token = models.UUIDField(help_text="Made by the page: a replay is the same contact")
    on = models.DateField()
    logged_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(ContactQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(minutes__range=(1, MOST_MINUTES)), name="support_minutes"),
            models.CheckConstraint(condition=Q(job_role__in=list(TITLES)), name="support_job_role"),
            models.CheckConstraint(condition=Q(topic__in=list(TOPICS)), name="support_topic"),
            models.UniqueConstraint(fields=["organization", "token"], name="support_token_once"),
        ]
        indexes = [models.Index(fields=["organization", "rollout", "-on"], name="support_by_rollout")]

    @classmethod
    @transaction.atomic
    def log(
        cls, rollout: Rollout, *, job_role: str, topic: str, minutes: int, on: date, note: str, token: UUID, by: Actor
    ) -> "SupportContact":
        """Log a contact, once for each token; raise NotLogged naming what is wrong."""
        if by.id is None:
            raise NotLogged("A person logs the help they gave.")
        if job_role not in TITLES or topic not in TOPICS:
            raise NotLogged("Say which job role was helped, and with what.")
        if not 1 <= minutes <= MOST_MINUTES:
            raise NotLogged(f"One contact takes 1 to {MOST_MINUTES} minutes, not {minutes}.")
        standing = cls.objects.filter(token=token).first()
        if standing:
            return standing
        row = cls(
            rollout=rollout, helper_id=by.id, helper_name=by.name[:120], job_role=job_role, topic=topic,
            minutes=minutes, note=" ".join(note.split())[:300], token=token, on=on,
        )  # fmt: skip
        row.save(force_insert=True)
        record(audit.SUPPORT_LOGGED, by=by, subject=row, deployment_id=rollout.pk, topic=TOPICS[topic], minutes=minutes)
        return row


class Shift(TenantModel):
    """A shift of a deployment at go-live: how many users work it, and which superusers stand by."""

    part_of = "rollout"

    rollout: Any = TenantForeignKey(Rollout, on_delete=models.PROTECT, related_name="shifts")
    name = models.CharField(max_length=60)
    users = models.PositiveSmallIntegerField()
    superusers = ArrayField(models.UUIDField(), default=list, blank=True, help_text="People, by their user id")
    dropped_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "rollout", "name"], condition=Q(dropped_at=None), name="shift_name_once"
            )
        ]

    @classmethod
    @transaction.atomic
    def plan(cls, rollout: Rollout, name: str, *, users: int, superusers: list[UUID], by: Actor) -> "Shift":
        """Plan a shift, or change the one of that name; raise ValueError without a name."""
        name = " ".join(name.split())
        if not name:
            raise ValueError("Name the shift.")
        rollout = Rollout.locked(rollout.pk)
        row = cls.objects.filter(rollout=rollout, name=name, dropped_at=None).first() or cls(rollout=rollout, name=name)
        wanted = sorted(set(superusers), key=str)
        if row.pk and (row.users, row.superusers) == (users, wanted) and not row._state.adding:
            return row
        row.users, row.superusers = users, wanted
        row.save()
        record(
            audit.SHIFT_PLANNED, by=by, subject=row, deployment_id=rollout.pk, name=name, users=users,
            superusers=len(wanted),
        )  # fmt: skip
        return row

    @transaction.atomic
    def drop(self, *, by: Actor) -> None:
        """Take the shift out of the plan."""
        row = self.locked(self.pk)
        if row.dropped_at:
            return
        row.dropped_at = timezone.now()
        row.save(update_fields=["dropped_at"])
        record(audit.SHIFT_DROPPED, by=by, subject=row, deployment_id=row.rollout_id, name=row.name)
