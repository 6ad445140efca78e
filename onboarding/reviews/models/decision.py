"""The signature under a review's decision: what was decided, why, on which figures and findings."""

from typing import Any

from django.db import models

from onboarding.deployments.models import Deployment
from onboarding.golive.models.signed import SignedRecord
from tenancy.fields import TenantForeignKey

MEANINGS = {
    "scale": "I have read this review with its figures and findings, and decide that the tool goes on to the next sites.",
    "fix": "I have read this review with its figures and findings, and decide that they are worked on before anything is added.",
    "stop": "I have read this review with its figures and findings, and decide that the tool ends here and patients are told in time.",
}


class ReviewDecision(SignedRecord):
    """Signed once by the second person; void once a byte of it, or of the review that it decides on, is another."""

    binds = "review_id"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="signatures")

    class Meta(SignedRecord.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["organization", "review"], name="review_decision_once")]

    @property
    def holds(self) -> bool:
        """Whether it is whole, and the review still says what was signed."""
        return super().holds and self.record == self.review.decided_record()
