"""The way of a playbook version from one organization to another: offer, acceptance, own copy.

`PlaybookOffer` stays with the giver and says how it went; `ReceivedPlaybook` is the receiver's own row and holds the
whole document, so that neither ever reads the other's tables. `actions/hand_over.py` writes both.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.playbooks.models.playbook import PlaybookVersion
from tenancy.fields import TenantForeignKey
from tenancy.models import Organization, TenantModel
from tenancy.offers import STATES, OfferState


class PlaybookOffer(TenantModel):
    """A version that the organization offered to a partner."""

    version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="offers")
    partner = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "version", "partner"], name="playbook_offered_once"),
            models.CheckConstraint(condition=STATES, name="playbook_offer_state"),
        ]


class ReceivedPlaybook(TenantModel):
    """A version that another organization offers, or offered, to this one."""

    source = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    source_offer_id = models.UUIDField()
    source_version_id = models.UUIDField()
    title = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    document = models.JSONField(help_text="The whole playbook in the file format")
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    received_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    copy: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "source_version_id"], name="playbook_received_once"
            ),
            models.CheckConstraint(condition=STATES, name="received_playbook_state"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"
