"""Waivers: asked here, answered by a second person."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, demand, require
from onboarding.deployments.models import Deployment
from onboarding.golive.models import Waiver
from onboarding.golive.models.waiver import WaiverRefused
from onboarding.golive.web.forms import WaiverForm
from web.forms import ReasonForm
from web.render import page, toast

STATUS = {"asked": "waiting", "granted": "waived", "refused": "refused", "lapsed": "expired"}


@require_http_methods(["GET", "POST"])
@require(Permission.ITEM_READ)
def overview(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """List a deployment's waivers, and ask for one."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    form = WaiverForm(found.pk, request.POST or None)
    if request.method == "POST":
        demand(request, Permission.WAIVER_ASK)
        if form.is_valid():
            try:
                Waiver.ask(**form.cleaned_data, by=request.actor)
            except WaiverRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                toast(request, "Waiver asked for: a second person answers it")
                return redirect("org:golive:waivers", org=org, deployment=deployment)
    waivers = (
        Waiver.objects.filter(deployment=found).select_related("item", "asked_by", "answered_by").order_by("-asked_at")
    )
    context = {
        "deployment": found,
        "waivers": waivers,
        "form": form,
        "statuses": STATUS,
        "may_ask": can(request, Permission.WAIVER_ASK) and request.part is None,
        "may_grant": can(request, Permission.WAIVER_GRANT),
        "refusal_form": ReasonForm(prefix="refusal"),
    }
    return page(request, "golive/waivers.html", context, status=422 if form.errors else 200)


@require_POST
@require(Permission.WAIVER_GRANT)
def grant(request: OrganizationRequest, org: str, waiver: UUID) -> HttpResponse:
    """Accept the gap."""
    found = get_object_or_404(Waiver, pk=waiver)
    try:
        found.grant(by=request.actor)
    except WaiverRefused as refusal:
        toast(request, str(refusal))
    else:
        toast(request, "Waiver granted")
    return redirect("org:golive:waivers", org=org, deployment=found.deployment_id)


@require_POST
@require(Permission.WAIVER_GRANT)
def refuse(request: OrganizationRequest, org: str, waiver: UUID) -> HttpResponse:
    """Refuse the gap, with a reason."""
    found = get_object_or_404(Waiver, pk=waiver)
    try:
        found.refuse(by=request.actor, reason=request.POST.get("refusal-reason", ""))
    except WaiverRefused as refusal:
        toast(request, str(refusal))
    else:
        toast(request, "Waiver refused")
    return redirect("org:golive:waivers", org=org, deployment=found.deployment_id)
