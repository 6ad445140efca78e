"""The fact that a gate was passed: a row with its beginning and, where it did not hold, its end."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class GatePassQuerySet(TenantQuerySet["GatePass"]):
    """Named filters over passes."""

    def in_force(self) -> "GatePassQuerySet":
        """Passes that hold now."""
        return self.filter(ended_at=None)


class GatePass(TenantModel):
    """A gate passed: by itself when its criteria held, or by a signed review."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="gate_passes")
    gate = models.CharField(max_length=4)
    passed_at = models.DateTimeField(default=timezone.now)
    review: Any = TenantForeignKey("golive.GateReview", on_delete=models.PROTECT, null=True, related_name="passes")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(GatePassQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment", "gate"],
                condition=Q(ended_at=None),
                name="gate_pass_once_in_force",
            ),
        ]
