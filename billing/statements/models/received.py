"""What a vendor holds of the contracts and statements that others pay it by: its own rows, in its own organization."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from billing.statements import audit
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.scope import scope


class ReceivedQuerySet(TenantQuerySet["Received"]):
    """Named filters over what was received."""

    def contracts(self) -> "ReceivedQuerySet":
        """Contracts, newest first."""
        return self.filter(kind=Received.Kind.CONTRACT).select_related("payer").order_by("-received_at")

    def statements(self) -> "ReceivedQuerySet":
        """Statements, newest first."""
        return self.filter(kind=Received.Kind.STATEMENT).select_related("payer").order_by("-received_at")


class Received(TenantModel):
    """A contract or statement as its payer last showed it."""

    class Kind(models.TextChoices):
        """What it is."""

        CONTRACT = "contract", "Contract"
        STATEMENT = "statement", "Statement"

    payer = models.ForeignKey("tenancy.Organization", on_delete=models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    source_id = models.UUIDField(help_text="The contract's or statement's id at the payer")
    reference = models.CharField(max_length=48)
    state = models.CharField(max_length=9)
    document = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(ReceivedQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "source_id", "payer"], name="received_once"),
        ]

    @classmethod
    def hand_over(
        cls, kind: str, source_id: UUID, document: dict[str, Any], *, payer: Organization, vendor_id: UUID
    ) -> None:
        """Give the vendor the present state of a contract or statement; the contract must be locked."""
        state = document["state"]
        with scope(vendor_id):
            row = cls.objects.filter(kind=kind, source_id=source_id, payer=payer).first()
            if row and row.document == document:
                return
            moved = row is None or row.state != state
            row = row or cls(kind=kind, source_id=source_id, payer=payer)
            row.reference, row.state, row.document = document["reference"], state, document
            row.received_at = timezone.now()
            row.save()
            if moved:
                record(
                    audit.RECORD_RECEIVED,
                    by=Actor.system("statements"),
                    subject=row,
                    kind=kind,
                    reference=row.reference,
                    payer=payer.name,
                    state=document["state_title"].lower(),
                )
