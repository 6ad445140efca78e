"""The gates of a deployment: where each stands, why, and what would make it pass."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import NotAllowed, can, require
from audit.as_of import began
from audit.models import Event
from audit.timeline import entries
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.golive.as_of import gate_at
from onboarding.golive.gates import Standing, standings
from onboarding.golive.models import GatePass, GateReview
from onboarding.golive.web.explain import Explanation
from web.formats import plural
from web.forms import MomentForm
from web.render import page

WORDS = {"passed": "Passed", "lapsed": "Passed, held no more", "ready": "Ready", "open": "Open"}
STATUS = {"passed": "passed", "lapsed": "at_risk", "ready": "signature_wanted", "open": "later"}
CONDITION = {"met": ("met", "Met"), "open": ("amber", "Open"), "over": ("expired", "Over")}
LATEST = 30


@require(Permission.GATE_READ)
def overview(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show every gate with the sentence behind each criterion."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    explain, reviews = Explanation(request, found), _reviews(found)
    context = {
        **frame(request, found, "Gates"),
        "standing": [_row(one, reviews.get(one.key, []), explain) for one in standings(found)],
        "may_convene": can(request, Permission.GATE_CONVENE),
        "may_go_live": can(request, Permission.GO_LIVE),
        "may_ask": can(request, Permission.WAIVER_ASK) and not request.part,
    }
    return page(request, "golive/gates.html", context)


@require(Permission.GATE_READ)
def gate(request: OrganizationRequest, org: str, deployment: UUID, gate: str) -> HttpResponse:
    """Show one gate: its criteria, its meetings, when it was passed and opened again, and what happened to it."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    standing = next(iter(standings(found, gate)), None)
    if standing is None:
        raise Http404
    told = Event.objects.of_deployment(found.pk).filter(action__startswith="gate", data__gate=gate)
    context = {
        **frame(request, found, "Gates"),
        "gate": _row(standing, _reviews(found, gate=gate).get(gate, []), Explanation(request, found)),
        "conditions": [] if request.part else _conditions(standing),
        "passes": GatePass.objects.filter(deployment=found, gate=gate).select_related("review").order_by("-passed_at"),
        "may_convene": can(request, Permission.GATE_CONVENE),
        "history": entries(told[:LATEST]) if request.part is None else [],
        "of_host": request.part is None,
    }
    return page(request, "golive/gate.html", context)


@require(Permission.COMMENT_INTERNAL)
def gate_as_of(request: OrganizationRequest, org: str, deployment: UUID, gate: str) -> HttpResponse:
    """Show one gate as it stood at the moment of the address, computed from what was known then. For the host's own."""
    if request.part is not None:
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    known = next((one for one in found.playbook_version.gates if one["key"] == gate), None)
    if known is None:
        raise Http404
    form, at = MomentForm.asked(request)
    stood = gate_at(found, gate, at)
    context = {
        **frame(request, found, "Gates"),
        "form": form,
        "at": at,
        "gate": known,
        "stood": stood,
        "status": STATUS[stood.state] if stood else "",
        "word": WORDS[stood.state] if stood else "",
        "lines": (stood.outcome.parts or (stood.outcome,)) if stood else (),
        "since": began(Deployment, [found.pk]),
        "day_of": date.fromisoformat,
    }
    return page(request, "golive/gate_as_of.html", context, status=200 if form.is_valid() else 422)


def _reviews(deployment: Deployment, **only: str) -> dict[str, list[GateReview]]:
    found: dict[str, list[GateReview]] = {}
    for review in GateReview.objects.filter(deployment=deployment, **only).order_by("number"):
        found.setdefault(review.gate, []).append(review)
    return found


def _row(standing: Standing, reviews: list[GateReview], explain: Explanation) -> dict[str, Any]:
    return {
        **standing.gate,
        "status": STATUS[standing.state],
        "word": _word(standing),
        "passed_at": standing.held.passed_at if standing.held else None,
        "criteria": explain.gate(standing),
        "reviews": reviews,
        "meeting": next((review for review in reviews if review.is_open), None),
    }


def _conditions(standing: Standing) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [{"one": one, "look": CONDITION[one.standing(today)]} for one in standing.conditions]


def _word(standing: Standing) -> str:
    if standing.state == "passed":
        carried = sum(one.is_open for one in standing.conditions)
        if carried:
            return f"Signed, {plural(carried, 'condition')} open"
        return "Signed" if standing.gate["kind"] == "signed" else "Passed"
    if standing.state == "lapsed":
        return "Signed, holds no more"
    if standing.state == "ready":
        return "Ready to sign"
    failing = len(standing.outcome.failing())
    return f"{failing} open" if failing else "Later"
