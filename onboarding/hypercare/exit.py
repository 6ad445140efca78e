"""Whether hypercare may end: the exit gate's figures as they stood at a moment, each in a sentence."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from facts.criteria import Outcome, Reading, evaluate
from facts.models import Fact, state
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.calendar import working_calendar
from onboarding.hypercare.facts import REGISTER, WORKING_DAYS_MET
from onboarding.hypercare.models import CareDay, Hypercare
from onboarding.hypercare.models.period import EXIT

FIGURES = "hypercare."


class FactsAt:
    """The hypercare figures of a deployment as they stood at a moment."""

    def __init__(self, deployment_id: UUID, moment: datetime) -> None:
        """Read them once, whatever the number of criteria."""
        found = Fact.objects.about(deployment_id).filter(kind__startswith=FIGURES, observed_at__lte=moment)
        self._facts = {fact.kind: fact for fact in found.current()}

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return what the leaf asks about, or None where nothing was known."""
        fact = self._facts.get(leaf["fact"])
        return Reading(fact.value, fact.observed_at, fact.valid_until) if fact else None


def figures_of(criteria: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the part of a gate's criteria that reads figures of the day: not items, and not the days themselves."""
    if "fact" in criteria:
        wanted = criteria["fact"].startswith(FIGURES) and criteria["fact"] != WORKING_DAYS_MET.name
        return dict(criteria) if wanted else None
    for branch in ("all", "any"):
        if branch in criteria:
            parts = [found for part in criteria[branch] if (found := figures_of(part))]
            return {**criteria, branch: parts} if parts else None
    return None


def exit_gate(deployment: Deployment) -> dict[str, Any] | None:
    """Return the definition of the gate that ends hypercare; None where the playbook has none."""
    return next((gate for gate in deployment.playbook_version.gates if gate["key"] == EXIT), None)


def held_on(deployment: Deployment, day: date) -> tuple[bool, list[str]]:
    """Return whether all figures held on a day, by its end, and what did not.

    A Sev-1 that was open at any time of the day breaks it, however quickly it was fixed.
    """
    gate = exit_gate(deployment)
    criteria = figures_of(gate["criteria"]) if gate else None
    if criteria is None:
        return False, [f"The playbook asks for no figures at {EXIT}."]
    start, end = _bounds(deployment, day)
    outcome = evaluate(criteria, FactsAt(deployment.pk, end), end)
    open_ones = [one.says for one in outcome.failing()]
    worst = _worst_sev1(deployment.pk, start, end)
    if worst and not any(REGISTER["sev1_open"].name == one.fact for one in outcome.failing()):
        open_ones.append("A severity-1 defect was open during the day: the count starts again.")
    return bool(outcome.holds) and not worst, open_ones


@transaction.atomic
def close_days(period: Hypercare, *, by: Actor) -> int:
    """Close the working days that are over and not closed yet, and state how many in a row held; return how many were closed.

    Safe to run any number of times: a day is closed once, from the facts as they stood.
    """
    period = Hypercare.locked(period.pk)
    deployment = Deployment.objects.for_page().get(pk=period.deployment_id)
    calendar = working_calendar(deployment.site)
    today = timezone.now().astimezone(_zone(deployment)).date()
    last = CareDay.objects.filter(hypercare=period).order_by("-day").values_list("day", flat=True).first()
    day, closed = (last or period.began_on) + timedelta(days=1), 0
    while day < today:
        if calendar.is_working(day):
            held, open_ones = held_on(deployment, day)
            CareDay(deployment=deployment, hypercare=period, day=day, held=held, open=open_ones).save(force_insert=True)
            closed += 1
        day += timedelta(days=1)
    state(WORKING_DAYS_MET, days_in_a_row(period), subject=deployment)
    return closed


def days_in_a_row(period: Hypercare) -> int:
    """Return on how many working days in a row, up to the last closed one, everything held."""
    count = 0
    for held in CareDay.objects.filter(hypercare=period).order_by("-day").values_list("held", flat=True):
        if not held:
            break
        count += 1
    return count


def outcome_now(deployment: Deployment) -> Outcome | None:
    """Return the exit figures as they are now; None where the playbook asks for none."""
    gate = exit_gate(deployment)
    criteria = figures_of(gate["criteria"]) if gate else None
    now = timezone.now()
    return evaluate(criteria, FactsAt(deployment.pk, now), now) if criteria else None


def _worst_sev1(deployment_id: UUID, start: datetime, end: datetime) -> int:
    """Return the most severity-1 defects that were open at once between two moments."""
    stated = Fact.objects.about(deployment_id).filter(kind=REGISTER["sev1_open"].name)
    before: list[int] = list(stated.filter(observed_at__lt=start).current().values_list("value", flat=True))
    during: list[int] = list(stated.filter(observed_at__range=(start, end)).values_list("value", flat=True))
    return max([*before, *during], default=0)


def _bounds(deployment: Deployment, day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), tzinfo=_zone(deployment))
    return start, datetime.combine(day + timedelta(days=1), time(), tzinfo=_zone(deployment)) - timedelta(
        microseconds=1
    )


def _zone(deployment: Deployment) -> ZoneInfo:
    return ZoneInfo(deployment.site.time_zone or "UTC")
