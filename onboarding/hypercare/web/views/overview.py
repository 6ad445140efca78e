"""Hypercare of a deployment: what ends it, how the days went, what was reported."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from audit.timeline import timeline
from facts.criteria import Outcome
from facts.models import Fact
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.golive.gates import outcome_of
from onboarding.golive.models import GatePass, GateReview
from onboarding.golive.web.forms import SignForm
from onboarding.golive.web.proof import proof_of
from onboarding.golive.web.proof import steps as steps_of_proof
from onboarding.hypercare.actions.report_figures import UnknownFigure, report_figures, reported_here
from onboarding.hypercare.exit import exit_gate
from onboarding.hypercare.models import CareDay, Extension, Hypercare, Ticket
from onboarding.hypercare.models.period import EXIT
from onboarding.hypercare.models.terms import desk_is_elsewhere, targets_of
from onboarding.hypercare.severity import MEANING, Severity
from onboarding.hypercare.web.forms import ExtensionForm, FiguresOfDay
from web.render import page, toast
from web.tables import rows_to_read

DAYS = 15
"""Closed days that are shown: three weeks."""


@require(Permission.GATE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show what ends hypercare and how far it is; report the figures of a day."""
    found = Lens.of(request).deployment(deployment)
    if request.method != "POST":
        return page(request, "hypercare/overview.html", context_of(request, found))
    demand(request, Permission.GO_LIVE)
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.GO_LIVE)
    form = _figures_form(request, found)
    if form.is_valid():
        try:
            report_figures(found, form.figures(), by=request.actor)  # type: ignore[attr-defined]
        except UnknownFigure as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, "Figures reported")
            return redirect("org:hypercare:overview", org=org, deployment=deployment)
    return page(request, "hypercare/overview.html", context_of(request, found, form=form), status=422)


def context_of(
    request: HttpRequest,
    deployment: Deployment,
    *,
    form: FiguresOfDay | None = None,
    extension_form: ExtensionForm | None = None,
    sign_form: SignForm | None = None,
    refused: str = "",
) -> dict[str, Any]:
    """Return everything the page names."""
    period = Hypercare.objects.filter(deployment=deployment).order_by("-began_on", "-pk").first()
    gate = exit_gate(deployment)
    outcome = outcome_of(deployment, gate) if gate else None
    of_host = request.part is None  # type: ignore[attr-defined]
    running = period is not None and period.state == Hypercare.State.RUNNING
    newest = Fact.objects.about(deployment.pk).filter(kind__startswith="hypercare.").current()
    seen = max((fact.observed_at for fact in newest), default=None)
    targets = targets_of(deployment.pk)
    approves = of_host and can(request, Permission.GATE_SIGN)
    proof = proof_of(request) if approves else None  # type: ignore[arg-type]
    days = (
        list(CareDay.objects.filter(hypercare=period).order_by("-day")[: rows_to_read(request.GET, DAYS)])
        if period
        else []
    )
    return {
        **frame(request, deployment, "Hypercare"),
        "period": period,
        "running": running,
        "late": running and period is not None and period.until < timezone.localdate(),
        "gate": gate,
        "rows": [_row(part) for part in outcome.parts] if outcome else [],
        "holds": bool(outcome and outcome.holds),
        "signed": GatePass.objects.in_force().filter(deployment=deployment, gate=EXIT).first() if running else None,
        "meeting": GateReview.objects.meeting().filter(deployment=deployment, gate=EXIT).first() if running else None,
        "seen_at": seen,
        "days": days[::-1],
        "counts": _counts(deployment) if can(request, Permission.ITEM_READ) else None,
        "extensions": list(_extensions(period)) if period and of_host else [],
        "form": form or _figures_form(request, deployment),
        "extension_form": extension_form or ExtensionForm(prefix="extension"),
        "may_report": can(request, Permission.GO_LIVE) and of_host and deployment.state == Deployment.State.LIVE,
        "may_convene": can(request, Permission.GATE_CONVENE) and of_host and running,
        "may_plan": can(request, Permission.DEPLOYMENT_PLAN) and of_host,
        "may_approve": approves,
        "sign_form": sign_form or SignForm(prefix="approve"),
        "proof": proof,
        "proof_steps": steps_of_proof(request, proof, request.path) if proof else [],
        "reads_command": can(request, Permission.COMMENT_INTERNAL) and of_host,
        "targets": [(one.label, MEANING[one.value], targets[one.value].says) for one in Severity],
        "desk_elsewhere": desk_is_elsewhere(deployment.pk),
        "refused": refused,
        "history": timeline(period.pk) if period and of_host else [],
    }


def _row(part: Outcome) -> dict[str, Any]:
    name, _, found = part.says.partition(": ")
    return {"name": name, "found": found, "holds": part.holds, "inner": [one.says for one in part.parts]}


def _counts(deployment: Deployment) -> dict[str, int]:
    tickets = list(Ticket.objects.filter(deployment=deployment).open().only("kind", "severity", "due_at", "state"))
    now = timezone.now()
    return {
        "sev1": sum(one.severity == Severity.CRITICAL for one in tickets),
        "sev2": sum(one.severity == Severity.STOPS for one in tickets),
        "defects": sum(one.kind == Ticket.Kind.DEFECT for one in tickets),
        "requests": sum(one.kind == Ticket.Kind.REQUEST for one in tickets),
        "late": sum(one.is_late(now) for one in tickets),
    }


def _extensions(period: Hypercare) -> Any:
    asked = Extension.objects.filter(hypercare=period).select_related("asked_by", "answered_by").order_by("-asked_at")
    return asked.prefetch_related("approvals")


def _figures_form(request: HttpRequest, deployment: Deployment) -> FiguresOfDay:
    kinds = reported_here(deployment)
    newest = Fact.objects.about(deployment.pk).filter(kind__in=[kind.name for kind in kinds.values()]).current()
    values = {fact.kind: fact.value for fact in newest}
    known = {name: values[kind.name] for name, kind in kinds.items() if kind.name in values}
    return FiguresOfDay(kinds, request.POST if request.method == "POST" else None, initial=known)
