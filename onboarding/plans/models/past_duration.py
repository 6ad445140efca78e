"""How long items took, by their key: what forecasts draw from."""

from typing import Any

from django.db import models

from onboarding.deployments.models import Deployment, Item
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class PastDuration(TenantModel):
    """Working days that one finished item took, from when it was begun, or could begin, to the day it was accepted."""

    history = False

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    days = models.PositiveSmallIntegerField()
    done_on = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "item"], name="past_duration_once")]
        indexes = [models.Index(fields=["organization", "key", "-done_on"], name="past_duration_newest")]
