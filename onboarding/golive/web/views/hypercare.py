"""The figures of hypercare: reported by the command center, read by gate G8."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, demand, require
from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.golive.actions.report_hypercare import UnknownFigure, report_hypercare
from onboarding.golive.facts import HYPERCARE
from onboarding.golive.gates import outcome_of
from onboarding.golive.web.forms import HypercareForm
from web.render import page, toast

EXIT = "G8"


@require_http_methods(["GET", "POST"])
@require(Permission.GATE_READ)
def figures(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show the newest figures and what each must be; report those of a day."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    newest = {fact.kind: fact for fact in Fact.objects.about(found.pk).filter(kind__startswith="hypercare.").current()}
    known = {name: newest[kind.name].value for name, kind in HYPERCARE.items() if kind.name in newest}
    form = HypercareForm(request.POST or None, initial=known)
    if request.method == "POST":
        demand(request, Permission.GO_LIVE)
        if form.is_valid():
            try:
                report_hypercare(found, form.figures(), by=request.actor)
            except UnknownFigure as refusal:
                form.add_error(None, str(refusal))
            else:
                toast(request, "Figures reported")
                return redirect("org:golive:hypercare", org=org, deployment=deployment)
    gate = next(gate for gate in found.playbook_version.gates if gate["key"] == EXIT)
    context = {
        **frame(request, found, "Hypercare"),
        "gate": gate,
        "outcome": outcome_of(found, gate),
        "seen_at": max((fact.observed_at for fact in newest.values()), default=None),
        "form": form,
        "may_report": can(request, Permission.GO_LIVE) and found.state == Deployment.State.LIVE,
    }
    return page(request, "golive/hypercare.html", context, status=422 if form.errors else 200)
