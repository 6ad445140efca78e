"""A share of the fee, and the event that makes it due."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Milestone(TenantModel):
    """What is paid when something happens, for each deployment that the contract covers."""

    class Trigger(models.TextChoices):
        """The closed list of events that make money due."""

        SIGNED = "contract.activated", "Contract signed"
        BUILT = "gate.passed:G4", "Gate G4 passed"
        LIVE = "deployment.went_live", "Deployment went live"
        SUSTAINED = "gate.passed:G9", "Gate G9 passed"

    contract: Any = TenantForeignKey("contracts.Contract", on_delete=models.PROTECT, related_name="milestones")
    rank = models.PositiveSmallIntegerField(help_text="Its place among the milestones, from 1")
    trigger = models.CharField(max_length=24, choices=Trigger.choices)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    amount = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="The share of the fee, fixed by activation"
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "contract", "trigger"], name="milestone_trigger_once"),
            models.UniqueConstraint(fields=["organization", "contract", "rank"], name="milestone_rank_once"),
            models.CheckConstraint(
                condition=Q(percent__gt=Decimal(0)) & Q(percent__lte=Decimal(100)), name="milestone_percent"
            ),
            models.CheckConstraint(
                condition=Q(
                    trigger__in=["contract.activated", "gate.passed:G4", "deployment.went_live", "gate.passed:G9"]
                ),
                name="milestone_trigger",
            ),
        ]

    @property
    def title(self) -> str:
        """What has to happen."""
        return str(self.get_trigger_display())
