"""Where each gate of a deployment stands; automatic gates close, and open again, by themselves."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from facts.criteria import Outcome, evaluate
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.progress import AFTER_GATE
from onboarding.golive import audit
from onboarding.golive.models import GatePass, GateReview
from onboarding.golive.readings import DeploymentReadings

GATES = Actor.system("gates")


def recompute(deployment_id: UUID, by: Actor) -> None:
    """Close every automatic gate whose criteria hold, reopen those whose criteria do not, and note where all stand.

    Runs in the transaction that changed an item, the team or a fact; in a partner's too, hence as the system.
    """
    deployment = Deployment.objects.select_related("playbook_version").get(pk=deployment_id)
    readings, now = DeploymentReadings(deployment_id), timezone.now()
    passes = {one.gate: one for one in GatePass.objects.in_force().filter(deployment_id=deployment_id)}
    standing: dict[str, dict[str, Any]] = {}
    for gate in deployment.playbook_version.gates:
        outcome = evaluate(gate["criteria"], readings, now)
        held = passes.get(gate["key"])
        if gate["kind"] == "automatic":
            held = _follow(deployment, gate, held, outcome)
        standing[gate["key"]] = _where(held, outcome)
    if standing != deployment.gates:
        Deployment.objects.filter(pk=deployment_id).update(gates=standing)


def outcome_of(deployment: Deployment, gate: dict[str, Any], readings: DeploymentReadings | None = None) -> Outcome:
    """Return a gate's outcome as it is now, with its reasons."""
    return evaluate(gate["criteria"], readings or DeploymentReadings(deployment.pk), timezone.now())


def after_decision(review: GateReview, by: Actor) -> None:
    """Let a signed decision take effect: a pass and its row in the checklist, or the end of an earlier pass."""
    title = review.definition["title"]
    end_pass(review.deployment_id, review.gate, f"record {review.number} replaced it", by, title, silent=True)
    if review.decision in GateReview.PASSING:
        GatePass(deployment_id=review.deployment_id, gate=review.gate, review=review).save(force_insert=True)
        record(
            audit.GATE_PASSED, by=by, subject=review.deployment, gate=review.gate, title=title, review=str(review.pk)
        )
        _tell(review.deployment, review.gate)
        row = Item.objects.filter(deployment_id=review.deployment_id, gate=review.gate, completed_by_gate=True).first()
        if row:
            row.complete_by_gate(by=by)
            return
    recompute(review.deployment_id, by)


def end_pass(deployment_id: UUID, gate: str, why: str, by: Actor, title: str, *, silent: bool = False) -> None:
    """End a pass in force; `silent` where another event already tells of it."""
    ended = (
        GatePass.objects.in_force()
        .filter(deployment_id=deployment_id, gate=gate)
        .update(ended_at=timezone.now(), ended_because=why)
    )
    if ended and not silent:
        deployment = Deployment.objects.get(pk=deployment_id)
        record(audit.GATE_REOPENED, by=by, subject=deployment, gate=gate, title=title, why=why)


def _follow(deployment: Deployment, gate: dict[str, Any], held: GatePass | None, outcome: Outcome) -> GatePass | None:
    if outcome.holds and held is None:
        held = GatePass(deployment=deployment, gate=gate["key"])
        held.save(force_insert=True)
        record(audit.GATE_PASSED, by=GATES, subject=deployment, gate=gate["key"], title=gate["title"])
        _tell(deployment, gate["key"])
    elif held and not outcome.holds:
        failing = outcome.failing()
        end_pass(
            deployment.pk, gate["key"], failing[0].says if failing else "its criteria do not hold", GATES, gate["title"]
        )
        held = None
    return held


def _tell(deployment: Deployment, gate: str) -> None:
    for follow in AFTER_GATE:
        follow(deployment, gate)


def _where(held: GatePass | None, outcome: Outcome) -> dict[str, Any]:
    if held:
        state = "passed" if outcome.holds else "lapsed"
        return {"state": state, "on": timezone.localdate(held.passed_at).isoformat()}
    return {"state": "ready" if outcome.holds else "open", "failing": len(outcome.failing())}
