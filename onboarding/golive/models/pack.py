"""The evidence pack of a review: what the meeting looks at, frozen with its hash when the meeting opens."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment
from onboarding.golive.canonical import digest
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class EvidencePack(TenantModel):
    """Items, evidence, facts, team, waivers, criteria and score as they stood at one moment. Never changed.

    A meeting may freeze it again: then there is a second pack, and the first one stays.
    """

    partners = Partners.CLOSED
    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, related_name="packs")
    number = models.PositiveSmallIntegerField(help_text="1, 2, … of this review")
    frozen_at = models.DateTimeField(default=timezone.now)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64, help_text="Of the content's canonical JSON, which is what is downloaded")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "review", "number"], name="evidence_pack_number_once")
        ]

    @property
    def is_whole(self) -> bool:
        """Whether the content is what it was when it was frozen."""
        return self.sha256 == digest(self.content)
