"""A working day of hypercare, closed: whether all exit criteria held on it, and which did not."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment
from onboarding.hypercare.models.period import Hypercare
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class CareDay(TenantModel):
    """Written once, the night after, from the facts as they stood; nobody types it and nothing changes it."""

    partners = Partners.DEPLOYMENT
    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    hypercare: Any = TenantForeignKey(Hypercare, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    held = models.BooleanField()
    open = models.JSONField(default=list, help_text="The sentences of what did not hold")
    closed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "hypercare", "day"], name="care_day_once")]
