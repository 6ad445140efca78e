"""The way of a paper from one organization to another: offer, acceptance, own copy.

`PaperOffer` stays with the giver and says how it went; `ReceivedPaper` is the receiver's own row and holds all that the
copy needs, so that neither ever reads the other's tables. `actions/hand_over.py` writes both.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from onboarding.vault.files import StoredFile
from onboarding.vault.models.paper import Paper
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel
from tenancy.offers import STATES, OfferState


class PaperOffer(TenantModel):
    """What the organization offered of its own papers, version by version."""

    paper: Any = TenantForeignKey(Paper, on_delete=models.PROTECT, related_name="offers")
    version = models.PositiveSmallIntegerField()
    partner = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "paper", "partner", "version"], name="paper_offered_once"),
            models.CheckConstraint(condition=STATES, name="paper_offer_state"),
        ]


class ReceivedPaperQuerySet(TenantQuerySet["ReceivedPaper"]):
    """Named filters over what was received."""

    def waiting(self) -> "ReceivedPaperQuerySet":
        """Offers that nobody has answered."""
        return self.filter(state=OfferState.OFFERED)


class ReceivedPaper(TenantModel):
    """A version that another organization offers, or offered, to this one."""

    source = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    source_paper_id = models.UUIDField()
    source_offer_id = models.UUIDField()
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=Paper.Kind.choices)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12)
    answer = models.JSONField(default=dict)
    valid_until = models.DateField(null=True)
    shows = models.CharField(max_length=80, blank=True)
    controls = ArrayField(models.CharField(max_length=80), default=list)
    received_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    paper: Any = TenantForeignKey(Paper, on_delete=models.PROTECT, null=True, related_name="+")

    objects = TenantManager.from_queryset(ReceivedPaperQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "source_paper_id", "version"], name="paper_received_once"
            ),
            models.CheckConstraint(condition=STATES, name="received_paper_state"),
        ]

    @property
    def file(self) -> StoredFile:
        """What the copy will hold."""
        return StoredFile(self.name, self.content_type, self.size, self.sha256, self.scan)
