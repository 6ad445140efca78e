"""The portfolio: one row for each deployment and each organization that sees it."""

from typing import Self

from django.db import models

from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, TenantModel


class PortfolioRowQuerySet(TenantQuerySet["PortfolioRow"]):
    """Named filters over the portfolio."""

    def alarmed(self) -> Self:
        """Deployments of others at which something cannot wait."""
        return self.exclude(alert="")

    def active(self) -> Self:
        """Deployments on their way."""
        return self.filter(state__in=["onboarding", "rolled_back"])


class PortfolioRow(TenantModel):
    """What one organization's portfolio shows of one deployment, its own or one shared with it.

    A projection: `onboarding.deployments.portfolio` carries it from the event log, rebuilds it and compares it. It
    belongs to the organization that looks, so that a portfolio over any number of hosts is one indexed read.
    """

    history = False

    host = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    host_name = models.CharField(max_length=120)
    host_slug = models.CharField(max_length=40)
    deployment_id = models.UUIDField()
    part = models.CharField(max_length=8, blank=True, help_text="Empty for the host itself")
    title = models.CharField(max_length=120, help_text="The tool")
    tool_version = models.CharField(max_length=40)
    program = models.CharField(max_length=120)
    wave = models.CharField(max_length=120, blank=True)
    site = models.CharField(max_length=160)
    state = models.CharField(max_length=12)
    stage = models.PositiveSmallIntegerField()
    stage_title = models.CharField(max_length=60)
    stages = models.JSONField(help_text="[[title, done, counted, gate mark], ...] in order")
    done = models.PositiveSmallIntegerField()
    counted = models.PositiveSmallIntegerField()
    blocked = models.PositiveSmallIntegerField()
    next_due_on = models.DateField(null=True)
    next_gate = models.CharField(max_length=80, blank=True)
    go_live_on = models.DateField()
    baseline_go_live_on = models.DateField()
    forecast_p50 = models.DateField(null=True)
    forecast_p80 = models.DateField(null=True)
    alert = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="What cannot wait there, for a partner that sees items; the host asks anew",
    )
    version = models.PositiveIntegerField(help_text="Of the deployment, as it was carried over")
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantManager.from_queryset(PortfolioRowQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment_id"], name="portfolio_row_once")]
        indexes = [
            models.Index(fields=["organization", "go_live_on", "id"], name="portfolio_by_go_live"),
            models.Index(fields=["organization", "host_name", "go_live_on", "id"], name="portfolio_by_host"),
            models.Index(fields=["organization", "title", "go_live_on", "id"], name="portfolio_by_tool"),
            models.Index(
                fields=["organization", "state", "go_live_on"],
                include=["blocked", "next_due_on", "forecast_p50", "alert", "deployment_id"],
                name="portfolio_counts",  # the counts of the page are read from it alone; the wall asks for the deployment
            ),
        ]
