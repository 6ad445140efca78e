"""The way of a change from a site to the author of its playbook in another organization: proposed, answered.

`SentChange` stays with the site's organization and says how it went; `Proposal` is the author's own row and holds all that
was sent, and no more. `actions/propose.py` writes both.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.adaptations.frame import Fidelity, Goal, Kind, Reason
from onboarding.adaptations.models.adaptation import Adaptation
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from tenancy.fields import TenantForeignKey
from tenancy.models import Organization, TenantModel
from tenancy.offers import STATES, OfferState

WORDS = 500


class SentChange(TenantModel):
    """A change that was proposed to another organization."""

    part_of = "adaptation"

    adaptation: Any = TenantForeignKey(Adaptation, on_delete=models.PROTECT, related_name="sent")
    author = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    words = models.CharField(max_length=WORDS, blank=True, help_text="What was said with it")
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "adaptation"], name="change_sent_once"),
            models.CheckConstraint(condition=STATES, name="sent_change_state"),
        ]


class Proposal(TenantModel):
    """A change of a playbook of this organization that another one proposes; neither site nor person is named."""

    source = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    source_id_there = models.UUIDField(help_text="The sender's row that is told of the answer")
    version: Any = TenantForeignKey(
        PlaybookVersion, on_delete=models.PROTECT, related_name="+", help_text="Our version that theirs is a copy of"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    fields = models.JSONField(default=list, help_text="Each field with its value before and after")
    item = models.JSONField(default=dict, help_text="What an added item says")
    reason = models.CharField(max_length=16, choices=Reason.choices)
    goal = models.CharField(max_length=12, choices=Goal.choices)
    fidelity = models.CharField(max_length=12, choices=Fidelity.choices)
    words = models.CharField(max_length=WORDS, blank=True)
    state = models.CharField(max_length=9, choices=OfferState.choices, default=OfferState.OFFERED)
    received_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    draft: Any = TenantForeignKey(PlaybookDraft, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "source_id_there"], name="proposal_once"),
            models.CheckConstraint(condition=STATES, name="proposal_state"),
        ]
        indexes = [models.Index(fields=["organization", "state", "received_at"], name="proposals_by_state")]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"
