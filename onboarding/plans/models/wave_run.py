"""How a wave of one organization's program is run."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, Wave
from onboarding.plans import audit
from onboarding.plans.models.staged import HALTED_BECAUSE, STATES, Staged, Telling, WaveRefused
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class WaveRun(Staged):
    """The rules of one wave and where it stands. A wave without any has no rules: its sites go live on their own."""

    TELLS = Telling(audit.WAVE_STARTED, audit.WAVE_EXPANDED, audit.WAVE_HALTED, audit.WAVE_RESUMED, audit.WAVE_DONE)

    wave: Any = TenantForeignKey(Wave, on_delete=models.PROTECT, related_name="runs")
    canaries = ArrayField(models.UUIDField(), default=list, help_text="Deployments that go first")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "wave"], name="wave_run_once"),
            models.CheckConstraint(condition=STATES, name="wave_run_state"),
            models.CheckConstraint(condition=HALTED_BECAUSE, name="wave_run_halted_because"),
        ]

    @property
    def called(self) -> str:
        """The wave's title."""
        return str(self.wave.title)

    @classmethod
    @transaction.atomic
    def set_rules(
        cls, wave: Wave, *, canaries: list[Any], stable_days: int, criteria: list[str], by: Actor
    ) -> "WaveRun":
        """Set, or change, how a wave is run; the same rules again change nothing.

        Raises WaveRefused for a canary that is not in the wave, and for a wave that has started already.
        """
        inside = set(Deployment.objects.running().filter(wave=wave).values_list("pk", flat=True))
        if not set(canaries) <= inside:
            raise WaveRefused("A canary site is one of the wave's own: load the page again.")
        standing: WaveRun | None = cls.objects.filter(wave=wave).select_for_update(no_key=True, of=("self",)).first()
        rules = {"canaries": sorted(canaries), "stable_days": stable_days, "criteria": sorted(criteria)}
        if standing and {name: getattr(standing, name) for name in rules} == rules:
            return standing
        if standing and standing.state != cls.State.WAITING:
            raise WaveRefused(f"{wave.title} has started: its rules stay as they were agreed.")
        wave_run = standing or cls(wave=wave)
        for name, value in rules.items():
            setattr(wave_run, name, value)
        if standing:
            wave_run.save(update_fields=list(rules))
        else:
            wave_run.save(force_insert=True)
        record(audit.WAVE_RULES_SET, by=by, subject=wave_run, title=wave.title, criteria=wave_run.criteria)
        return wave_run
