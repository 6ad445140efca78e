"""Which items wait for which."""

from typing import Any

from django.db import models
from django.db.models import Q

from onboarding.deployments.models.deployment import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class ItemDependency(TenantModel):
    """An item waits for another; `lag_days` working days lie between them."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey("deployments.Item", on_delete=models.CASCADE, related_name="waits_for")
    predecessor: Any = TenantForeignKey("deployments.Item", on_delete=models.CASCADE, related_name="holds_up")
    lag_days = models.SmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "item", "predecessor"], name="item_dependency_once"),
            models.CheckConstraint(condition=~Q(item=models.F("predecessor")), name="item_dependency_not_itself"),
        ]
