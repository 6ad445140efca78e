"""What a team committed to, kept for ever."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Baseline(TenantModel):
    """The dates of a plan on the day the team committed to it. The newest also stands on the items themselves."""

    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="baselines")
    go_live_on = models.DateField()
    dates = models.JSONField(help_text="Item id to due date")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "deployment", "-at"], name="baseline_newest")]
