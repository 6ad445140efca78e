"""Hypercare as a time: begun by go-live, ended by the signed exit."""

from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GatePass
from onboarding.hypercare import audit
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

EXIT = "G8"
"""The gate whose criteria end hypercare."""
LENGTH = timedelta(days=30)
"""From go-live to the day by which hypercare should be over, where nobody says otherwise (item 96: +14 to +30)."""


class HypercareRefused(Exception):
    """Hypercare cannot be extended or ended so; the message says what would change it."""


class HypercareQuerySet(TenantQuerySet["Hypercare"]):
    """Named filters over hypercare."""

    def running(self) -> "HypercareQuerySet":
        """Hypercare that goes on."""
        return self.filter(state=Hypercare.State.RUNNING)


class Hypercare(TenantModel):
    """The weeks after one go-live of a deployment; a second go-live after a rollback begins another."""

    partners = Partners.DEPLOYMENT

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"
        BROKEN_OFF = "broken_off", "Broken off"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="hypercares")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    began_on = models.DateField()
    until = models.DateField(help_text="The day by which it should be over")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(HypercareQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment"], condition=Q(state="running"), name="hypercare_one_running"
            ),
            models.CheckConstraint(condition=Q(state__in=["running", "ended", "broken_off"]), name="hypercare_state"),
            models.CheckConstraint(condition=Q(until__gte=F("began_on")), name="hypercare_forward"),
        ]

    @classmethod
    @transaction.atomic
    def begin(cls, deployment: Deployment, *, by: Actor) -> "Hypercare":
        """Begin hypercare with the go-live; one that goes on is returned as it is. Raises HypercareRefused before go-live."""
        deployment = Deployment.locked(deployment.pk)
        if deployment.state != Deployment.State.LIVE:
            raise HypercareRefused("Hypercare begins with go-live.")
        standing: Hypercare | None = cls.objects.running().filter(deployment=deployment).first()
        if standing:
            return standing
        day = timezone.localdate(deployment.went_live_at)
        period = cls(deployment=deployment, began_on=day, until=day + LENGTH)
        period.save(force_insert=True)
        record(audit.BEGUN, by=by, subject=period, until=f"{period.until:%-d %b %Y}")
        return period

    @transaction.atomic
    def end(self, *, by: Actor) -> None:
        """End it; raise HypercareRefused unless its exit gate was signed since it began and is in force."""
        period = self.locked(self.pk)
        if period.state == self.State.ENDED:
            return
        held = GatePass.objects.in_force().filter(deployment_id=period.deployment_id, gate=EXIT).first()
        if held is None or timezone.localdate(held.passed_at) < period.began_on:
            raise HypercareRefused(f"{EXIT} hypercare exit is not signed: convene the meeting over it first.")
        period._close(self.State.ENDED, audit.ENDED, by, f"{EXIT} was signed")

    @transaction.atomic
    def break_off(self, *, by: Actor, why: str) -> None:
        """End it without an exit: the site was rolled back, or the deployment ended."""
        period = self.locked(self.pk)
        if period.state == self.State.RUNNING:
            period._close(self.State.BROKEN_OFF, audit.BROKEN_OFF, by, why)

    def _close(self, state: str, what: Any, by: Actor, why: str) -> None:
        if self.state != self.State.RUNNING:
            raise HypercareRefused(f"Hypercare is {self.get_state_display().lower()} already.")
        self.state, self.ended_at, self.ended_because = state, timezone.now(), why
        self.save(update_fields=["state", "ended_at", "ended_because"])
        waiting = self.extensions.filter(state="asked")
        waiting.update(state="refused", answered_at=self.ended_at, answer="Hypercare is over.")
        record(what, by=by, subject=self, why=why)
