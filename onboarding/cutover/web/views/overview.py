"""The cut-over of a deployment: its runs, and the one that is looked at."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from onboarding.cutover.clock import zone_of
from onboarding.cutover.models import Run
from onboarding.cutover.web.forms import PlanForm
from onboarding.cutover.web.reading import chosen, room, runs_page
from onboarding.deployments.models import Deployment
from web.render import not_modified, page, render_fragment, toast


@require_safe
@require(Permission.ITEM_READ)
def overview(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show the run that is on, or the one asked for; a page that follows it gets the region alone."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    run = chosen(found, request.GET.get("run", ""))
    if run is None:
        return page(request, "cutover/overview.html", runs_page(request, found, None))
    if unchanged := not_modified(request, (run.pk, run.version, run.minute)):
        return unchanged
    with timezone.override(zone_of(found)):
        if request.htmx:  # type: ignore[attr-defined]
            return render_fragment(request, "cutover/overview.html", "run", room(request, run))
        return page(request, "cutover/overview.html", runs_page(request, found, run))


@require_POST
@require(Permission.GO_LIVE)
def plan(request: OrganizationRequest, org: str, deployment: UUID) -> HttpResponse:
    """Plan a rehearsal or the cut-over."""
    found = get_object_or_404(Deployment.objects.for_page(), pk=deployment)
    form = PlanForm(found, request.POST)
    if not form.is_valid():
        return page(request, "cutover/overview.html", runs_page(request, found, None, plan_form=form), status=422)
    run = Run.plan(found, form.cleaned_data["kind"], starts_at=form.starts_at, by=request.actor)
    toast(request, f"{run} planned")
    return redirect(address_of(org, run))


def address_of(org: str, run: Run) -> str:
    """Return where a run is looked at."""
    return reverse("org:cutover:overview", kwargs={"org": org, "deployment": run.deployment_id}) + f"?run={run.pk}"
