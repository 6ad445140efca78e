"""Go-live recorded, and rolled back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from onboarding.deployments.models import Deployment
from onboarding.golive.actions.go_live import GoLiveRefused
from onboarding.golive.actions.go_live import go_live as record_go_live
from onboarding.golive.actions.go_live import roll_back as record_rollback
from onboarding.golive.models import GatePass
from onboarding.golive.rules import GO_NO_GO
from web.forms import ReasonForm
from web.render import page, toast


@require_http_methods(["GET", "POST"])
@require(Permission.GO_LIVE)
def go_live(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show what go-live stands on; record it."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    refusal = ""
    if request.method == "POST":
        try:
            record_go_live(found, by=request.actor)
        except GoLiveRefused as error:
            refusal = str(error)
        else:
            toast(request, f"{found} is live")
            return redirect("org:golive:gates", org=org, deployment=deployment)
    signed = GatePass.objects.in_force().filter(deployment=found, gate=GO_NO_GO).select_related("review").first()
    context = {
        "deployment": found,
        "signed": signed,
        "refusal": refusal,
        "runbook": found.playbook_version.content["runbook"],
    }
    return page(request, "golive/go_live.html", context, status=409 if refusal else 200)


@require_http_methods(["GET", "POST"])
@require(Permission.GO_LIVE)
def roll_back(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Say what rolling back does; do it, with a reason."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_rollback(found, by=request.actor, reason=form.cleaned_data["reason"])
        except GoLiveRefused as error:
            form.add_error(None, str(error))
        else:
            toast(request, "Rolled back: the next go-live needs a new go/no-go")
            return redirect("org:golive:gates", org=org, deployment=deployment)
    context = {"deployment": found, "form": form, "triggers": found.playbook_version.content["runbook"]["triggers"]}
    return page(request, "golive/rollback.html", context, status=422 if form.errors else 200)
