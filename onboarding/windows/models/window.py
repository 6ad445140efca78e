"""A window: two days, between which something is handed in."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel


class WindowQuerySet(TenantQuerySet["Window"]):
    """Named filters over windows."""

    def planned(self) -> "WindowQuerySet":
        """Windows that are still to be met."""
        return self.filter(state=Window.State.PLANNED)

    def closed(self, today: date) -> "WindowQuerySet":
        """Planned windows whose last day has passed."""
        return self.planned().filter(closes_on__lt=today)

    def with_series(self) -> "WindowQuerySet":
        """With everything that a page or a message names."""
        return self.select_related("series__keeper", "deployment__site", "deployment__tool_version__tool")


class Window(TenantModel):
    """One window of a series. The series' verbs change it; see `Series.meet` and `Series.miss`."""

    class State(models.TextChoices):
        """What became of it; whether a planned one is open is a matter of the day."""

        PLANNED = "planned", "To come"
        MET = "met", "Handed in"
        MISSED = "missed", "Missed"
        WITHDRAWN = "withdrawn", "Taken back"

    MOVES: dict[str, set[str]] = {
        State.PLANNED: {State.MET, State.MISSED, State.WITHDRAWN},
        State.MISSED: {
            State.MET,
            State.PLANNED,
        },  # handed in in time and noted late; the series counts from another day
        State.MET: {State.PLANNED},  # it was taken back
        State.WITHDRAWN: {State.PLANNED},
    }

    series: Any = TenantForeignKey("windows.Series", on_delete=models.PROTECT, related_name="windows")
    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=40, help_text="Of its step in the chain")
    number = models.PositiveSmallIntegerField(default=1, help_text="Of a step that repeats")
    title = models.CharField(max_length=120)
    counted_from = models.DateField(help_text="The day of the event before")
    opens_on = models.DateField()
    closes_on = models.DateField(help_text="The last day")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    met_on = models.DateField(null=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    missed_at = models.DateTimeField(null=True, help_text="When it was noted; stays where it turns out to be met")
    note = models.CharField(max_length=500, blank=True)

    objects = TenantManager.from_queryset(WindowQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "series", "key", "number"], name="window_once"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "met", "missed", "withdrawn"]), name="window_state"
            ),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="window_forward"),
            models.CheckConstraint(condition=~Q(state="met") | Q(met_on__isnull=False), name="window_met_on"),
            models.CheckConstraint(condition=~Q(state="missed") | Q(missed_at__isnull=False), name="window_missed_at"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "closes_on"], condition=Q(state="planned"), name="window_planned_by_close"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}" if self.number > 1 else self.title

    def standing(self, today: date) -> str:
        """Return ahead, open, closing (its last seven days), closed, or what became of it."""
        if self.state != self.State.PLANNED:
            return self.state
        if today < self.opens_on:
            return "ahead"
        if today > self.closes_on:
            return "closed"
        return "closing" if (self.closes_on - today).days < 7 else "open"
