"""Where a deployment's go-live is heading, as last computed."""

from typing import Any

from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class GoLiveForecast(TenantModel):
    """The range of go-live (also on the deployment itself), what it rests on, and the items that drive it."""

    partners = Partners.DEPLOYMENT
    history = False

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="forecasts")
    p50 = models.DateField(help_text="By this day in half of the runs")
    p80 = models.DateField(help_text="By this day in four of five")
    from_history = models.PositiveSmallIntegerField(help_text="Open items with past durations of their own")
    from_playbook = models.PositiveSmallIntegerField(help_text="Open items taken from the playbook's estimate")
    drivers = models.JSONField(
        help_text="[[item id, number, title, working days added, share of runs], ...], three at most"
    )
    version = models.PositiveIntegerField(help_text="Of the deployment, when it was computed")
    on = models.DateField(help_text="The day it was computed for")
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment"], name="forecast_once")]
