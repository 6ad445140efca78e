"""All gates of a deployment: where each stands, and why."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, require
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.golive.gates import outcome_of
from onboarding.golive.models import GatePass, GateReview
from onboarding.golive.readings import DeploymentReadings
from web.render import page

STATUS = {"passed": "passed", "lapsed": "at_risk", "ready": "in_review", "open": "later"}


@require(Permission.GATE_READ)
def overview(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show the eleven gates with the sentence behind every criterion."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    context = {
        **frame(request, found, "Gates"),
        "standing": _gates(found),
        "may_convene": can(request, Permission.GATE_CONVENE),
        "may_go_live": can(request, Permission.GO_LIVE),
        "may_ask": can(request, Permission.WAIVER_ASK) and not request.part,
    }
    return page(request, "golive/gates.html", context)


def _gates(deployment: Deployment) -> list[dict[str, Any]]:
    readings = DeploymentReadings(deployment.pk)
    passes = {one.gate: one for one in GatePass.objects.in_force().filter(deployment=deployment)}
    reviews: dict[str, list[GateReview]] = {}
    for review in GateReview.objects.filter(deployment=deployment).order_by("number"):
        reviews.setdefault(review.gate, []).append(review)
    return [
        _gate(deployment, gate, readings, passes.get(gate["key"]), reviews.get(gate["key"], []))
        for gate in deployment.playbook_version.gates
    ]


def _gate(
    deployment: Deployment,
    gate: dict[str, Any],
    readings: DeploymentReadings,
    held: GatePass | None,
    reviews: list[GateReview],
) -> dict[str, Any]:
    outcome = outcome_of(deployment, gate, readings)
    state = ("passed" if outcome.holds else "lapsed") if held else ("ready" if outcome.holds else "open")
    return {
        **gate,
        "status": STATUS[state],
        "word": _word(state, gate, outcome.failing()),
        "passed_at": held.passed_at if held else None,
        "criteria": outcome.parts or (outcome,),
        "reviews": reviews,
        "meeting": next((review for review in reviews if review.is_open), None),
    }


def _word(state: str, gate: dict[str, Any], failing: list[Any]) -> str:
    if state == "passed":
        return "Signed" if gate["kind"] == "signed" else "Passed"
    if state == "lapsed":
        return "Signed, criteria lapsed"
    if state == "ready":
        return "Ready to sign"
    return f"{len(failing)} open" if failing else "Later"
