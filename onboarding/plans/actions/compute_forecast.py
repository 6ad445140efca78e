"""Compute where a deployment's go-live is heading."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from onboarding.deployments import portfolio
from onboarding.deployments.models import Deployment
from onboarding.plans.estimates import Samples, by_playbook, past_durations
from onboarding.plans.models import GoLiveForecast
from onboarding.plans.standing import Standing, standing
from onboarding.scheduling.forecast import Forecast, forecast
from onboarding.scheduling.tasks import Key, Network

ON_ITS_WAY = (Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK)
DRIVERS = 3


@transaction.atomic
def compute_forecast(deployment_id: UUID, *, again: bool = False) -> GoLiveForecast | None:
    """Bring a deployment's forecast up to date, and the portfolios with it; None where there is no go-live to come.

    What was computed for this version of the deployment and this day stands, unless `again`.
    """
    deployment = Deployment.objects.for_page().select_for_update(no_key=True, of=("self",)).get(pk=deployment_id)
    standing_one: GoLiveForecast | None = GoLiveForecast.objects.filter(deployment=deployment).first()
    if deployment.state not in ON_ITS_WAY:
        GoLiveForecast.objects.filter(deployment=deployment).delete()
        _show(deployment, None, None)
        return None
    today = timezone.localdate()
    if standing_one and not again and (standing_one.version, standing_one.on) == (deployment.version, today):
        return standing_one
    plan = standing(deployment)
    samples = _samples(plan)
    found = forecast_of(plan, samples, today)
    kept = standing_one or GoLiveForecast(deployment=deployment)
    kept.p50, kept.p80 = found.p50, found.p80
    kept.from_history = sum(one.own for one in samples.values())
    kept.from_playbook = len(samples) - kept.from_history
    kept.drivers = [
        [str(one.key), plan.rows[one.key].number, plan.rows[one.key].title, round(one.days, 1), round(one.share, 2)]
        for one in found.drivers
        if not plan.rows[one.key].decision
    ][:DRIVERS]
    kept.version, kept.on, kept.at = deployment.version, today, timezone.now()
    kept.save()
    _show(deployment, found.p50, found.p80)
    return kept


def forecast_of(plan: Standing, samples: dict[Key, Samples], today: date) -> Forecast:
    """Return the forecast of a plan; the seed is the deployment's own, so that it moves only when something changed."""
    leads = Network(task for task in plan.network.tasks.values() if task.key in samples or task.done_on)
    return forecast(
        leads,
        plan.calendar,
        plan.dates,
        {key: one.days for key, one in samples.items()},
        end=plan.deployment.go_live_on,
        today=today,
        seed=plan.deployment.pk.int,
        started={
            key: timezone.localdate(row.started_at) for key, row in plan.rows.items() if row.open and row.started_at
        },
    )


def _samples(plan: Standing) -> dict[Key, Samples]:
    """Return what to draw from for each open item that go-live needs."""
    needed = {key: row for key, row in plan.rows.items() if row.open and plan.needed(row)}
    past = past_durations({row.key for row in needed.values() if not row.decision})
    return {key: past.get(row.key) or by_playbook(row.days) for key, row in needed.items()}


def _show(deployment: Deployment, p50: date | None, p80: date | None) -> None:
    if (deployment.forecast_p50, deployment.forecast_p80) == (p50, p80):
        return
    deployment.forecast_p50, deployment.forecast_p80 = p50, p80
    deployment.save(update_fields=["forecast_p50", "forecast_p80"])
    portfolio.project(deployment.pk)
