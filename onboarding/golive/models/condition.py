"""A condition of a gate's decision: what is still open, who sees to it, what helps until then, and its last day."""

from datetime import date
from typing import Any

from django.db import models

from onboarding.deployments.models import Deployment, Item
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class ConditionQuerySet(TenantQuerySet["Condition"]):
    """Named filters over conditions."""

    def of_review(self, review: Any) -> "ConditionQuerySet":
        """The conditions of a review with their items, the first to end first."""
        return self.filter(review=review).select_related("item").order_by("expires_on", "id")


class Condition(TenantModel):
    """What a conditional go carries along: an item of the checklist with owner, workaround and expiry.

    It may be set on an item that is open, or be a demand of the meeting's own, which becomes an item when the decision
    is signed.
    """

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, related_name="conditions")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=120)
    owner = models.CharField(max_length=4)
    workaround = models.CharField(max_length=500)
    expires_on = models.DateField()

    objects = TenantManager.from_queryset(ConditionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "review", "item"], name="condition_once")]

    @property
    def is_open(self) -> bool:
        """Whether its item still has to be done."""
        return self.item is None or self.item.is_open

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed and the item is open still."""
        return self.is_open and self.expires_on < today

    def standing(self, today: date) -> str:
        """Return met, over or open."""
        return "over" if self.is_over(today) else "open" if self.is_open else "met"

    def as_item(self, gate: dict[str, Any], number: int, place: int) -> Item:
        """Return the unsaved item that a demand of the meeting's own becomes."""
        return Item(
            deployment_id=self.deployment_id,
            key=f"condition-{gate['key'].lower()}-{number}-{place}",
            stage=gate["stage"],
            title=self.title,
            owner=self.owner,
            gate_class="conditional",
            gate=gate["key"],
            due_on=self.expires_on,
            baseline_due_on=self.expires_on,
            due_fixed=True,
            offset_days=(self.expires_on - self.deployment.go_live_on).days,
            guidance_here=f"Until then: {self.workaround}",
        )
