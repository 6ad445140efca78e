"""A panel role's voice in a review."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.golive import audit
from onboarding.golive.models.review import GateReview, ReviewRefused
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class Vote(TenantModel):
    """Go, go with conditions, no-go or abstain, with a reason; a no-go's reason is dissent and stands in the record."""

    partners = Partners.DEPLOYMENT

    class Choice(models.TextChoices):
        """What may be voted."""

        GO = "go", "Go"
        CONDITIONS = "conditions", "Go, with conditions"
        NO_GO = "no_go", "No-go"
        ABSTAIN = "abstain", "Abstain"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, related_name="votes")
    role = models.CharField(max_length=4)
    title = models.CharField(max_length=60)
    choice = models.CharField(max_length=10, choices=Choice.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "role"], name="vote_once_per_role")]

    @transaction.atomic
    def cast(self, choice: str, *, by: Actor, reason: str = "") -> None:
        """Vote for the role; it may be changed until the decision.

        Raises ReviewRefused for somebody who neither fills nor deputizes the role, and for a no-go without a reason.
        """
        review = GateReview.locked(self.review_id)
        review.demand_open()
        vote = self.locked(self.pk)
        holders = (
            TeamRole.objects.filter(deployment_id=vote.deployment_id, code=vote.role)
            .values_list("person_id", "deputy_id")
            .first()
        )
        if by.id is None or by.id not in (holders or ()):
            raise ReviewRefused(
                f"The vote of the {vote.title.lower()} belongs to the person in that role, or the deputy."
            )
        if choice == self.Choice.NO_GO and not reason.strip():
            raise ReviewRefused("A no-go needs its reason: it stands in the record as dissent.")
        if (vote.choice, vote.reason, vote.by_id) == (choice, reason.strip(), by.id):
            return
        vote.choice, vote.reason, vote.by_id, vote.at = self.Choice(choice), reason.strip(), by.id, timezone.now()
        vote.save(update_fields=["choice", "reason", "by", "at"])
        review.touch()
        record(
            audit.VOTE_CAST,
            by=by,
            subject=review,
            vote=self.Choice(choice).label.lower(),
            gate=review.gate,
            role=vote.title,
        )

    def dissents_from(self, decision: str) -> bool:
        """Whether this voice was against what was decided: a no-go to a go, and the other way round."""
        if self.choice in ("", self.Choice.ABSTAIN):
            return False
        return (self.choice == self.Choice.NO_GO) == (decision in GateReview.PASSING)
