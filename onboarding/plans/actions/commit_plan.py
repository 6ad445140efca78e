"""Commit to a plan: its dates become the baseline that everything is compared with."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import Deployment, Item
from onboarding.plans.actions.move_dates import MOVABLE
from onboarding.plans.models import Baseline
from tenancy.scope import scope

COMMITMENT = "G3"
"""The gate at which an organization commits to its plan."""
AT_GATE = Actor.system("commitment gate")


class CannotCommit(ValueError):
    """The plan cannot be committed to; the message says what would change it."""


@transaction.atomic
def commit_plan(deployment: Deployment, *, by: Actor, reason: str = "") -> Baseline:
    """Keep the plan as it stands as the baseline. Committing to the same dates again returns the baseline that stands.

    The first commitment keeps the plan as it was made as well, where the dates have moved since.

    Raises CannotCommit where another baseline stands and there is no reason, and for a deployment that has ended.
    """
    deployment = Deployment.locked(deployment.pk)
    if deployment.state == Deployment.State.DISCONTINUED:
        raise CannotCommit("A discontinued deployment has no plan to commit to.")
    items = Item.objects.of_deployment(deployment.pk).exclude(state=Item.State.RETIRED)
    dates = {str(pk): day.isoformat() for pk, day in items.values_list("pk", "due_on")}
    standing: Baseline | None = Baseline.objects.filter(deployment=deployment).order_by("-at").first()
    if standing and (standing.dates, standing.go_live_on) == (dates, deployment.go_live_on):
        return standing
    if standing and not reason.strip():
        raise CannotCommit("Say why the team commits to other dates: lateness is counted from the new ones.")
    if standing is None:
        _keep_first_plan(deployment, dates)
    kept = Baseline(
        deployment=deployment, go_live_on=deployment.go_live_on, dates=dates, reason=reason.strip(), by_id=by.id
    )
    kept.save(force_insert=True)
    Item.objects.of_deployment(deployment.pk).order_by().update(baseline_due_on=F("due_on"), version=F("version") + 1)
    deployment.baseline_go_live_on, deployment.committed_on = deployment.go_live_on, timezone.localdate()
    deployment.version += 1
    deployment.save(update_fields=["baseline_go_live_on", "committed_on", "version"])
    record(audit.PLAN_COMMITTED, by=by, subject=deployment, go_live_on=deployment.go_live_on.isoformat())
    return kept


@transaction.atomic
def commit_at_gate(deployment: Deployment, gate: str) -> None:
    """Commit to the plan because its commitment gate was passed, by whomever; one that is committed to already stands."""
    if gate != COMMITMENT:
        return
    with scope(deployment.organization_id):  # a partner's work may close the gate; baselines are the host's
        found = Deployment.objects.get(pk=deployment.pk)
        if found.committed_on is None and found.state in MOVABLE:
            commit_plan(found, by=AT_GATE, reason=f"{COMMITMENT} was passed.")


def _keep_first_plan(deployment: Deployment, committed: dict[str, str]) -> None:
    items = Item.objects.of_deployment(deployment.pk).exclude(state=Item.State.RETIRED)
    dates = {str(pk): day.isoformat() for pk, day in items.values_list("pk", "baseline_due_on")}
    if (dates, deployment.baseline_go_live_on) == (committed, deployment.go_live_on):
        return
    first = Baseline(
        deployment=deployment,
        go_live_on=deployment.baseline_go_live_on,
        dates=dates,
        reason="As first planned",
        at=deployment.planned_at,
    )
    first.save(force_insert=True)
