"""The command center's log: what each shift saw, decided and handed over."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.hypercare import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class EntryRefused(ValueError):
    """An entry cannot be written so; the message says what would change it."""


class CommandEntry(TenantModel):
    """One entry. Nothing of it is ever changed: who was wrong writes another."""

    append_only = True

    class Kind(models.TextChoices):
        """What kind of entry."""

        SHIFT = "shift", "Shift"
        NOTE = "note", "Note"
        DECISION = "decision", "Decision"
        HAND_OVER = "hand_over", "Hand-over"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    text = models.TextField(max_length=4000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["shift", "note", "decision", "hand_over"]), name="command_entry_kind"
            ),
            models.CheckConstraint(
                condition=~Q(kind="hand_over") | Q(handed_to__isnull=False), name="command_handed_to_somebody"
            ),
        ]
        indexes = [models.Index(fields=["organization", "deployment", "-at"], name="command_newest")]

    @classmethod
    @transaction.atomic
    def write(
        cls, deployment: Deployment, *, kind: str, text: str, by: Actor, handed_to_id: Any = None
    ) -> "CommandEntry":
        """Write an entry; raise EntryRefused without words, or for a hand-over to nobody or to oneself."""
        if kind not in cls.Kind.values:
            raise EntryRefused("Choose a shift entry, a note, a decision or a hand-over.")
        if not text.strip():
            raise EntryRefused("Write what the next shift must know.")
        if kind != cls.Kind.HAND_OVER:
            handed_to_id = None
        elif handed_to_id is None or handed_to_id == by.person_id:
            raise EntryRefused("Choose who takes over: a hand-over has two people.")
        entry = cls(
            deployment=deployment, kind=kind, text=text.strip(), author_id=by.person_id, handed_to_id=handed_to_id
        )
        entry.save(force_insert=True)
        record(audit.NOTED, by=by, subject=entry, kind=kind)
        return entry
