"""The ledger of moved dates: what moved, why, and whether it was taken back."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment, Item
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class DateMove(TenantModel):
    """One applied move with every due date it shifted, so that it can be taken back exactly."""

    class Kind(models.TextChoices):
        """What was moved."""

        GO_LIVE = "go_live", "Go-live"
        KICK_OFF = "kick_off", "Kick-off"
        ITEM = "item", "An item"
        FORWARD = "forward", "Pulled forward"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="date_moves")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+")
    before = models.DateField(help_text="Of go-live, of kick-off, or of the item")
    after = models.DateField()
    shifts = models.JSONField(
        help_text="[[item id, due before, due after, set by hand before, set by hand after], ...]"
    )
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    by_id = models.UUIDField(null=True, help_text="The person")
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "deployment", "-at"], name="date_move_newest")]
