"""Moving a go-live date, seen before it is done; and the days on which nobody works."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from onboarding.deployments.actions.move_go_live import move_go_live, preview_go_live
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import ClosedDay
from onboarding.deployments.models.deployment import CannotMove
from onboarding.deployments.web.forms import ClosedDayForm, GoLiveForm
from onboarding.deployments.web.frame import frame
from web.formats import day, plural
from web.render import page, redirect_or_refresh, toast


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def go_live(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """A date in the address shows every shift; the form below applies it, with the reason."""
    found = Lens.of(request).deployment(deployment)
    asked = request.POST if request.method == "POST" else request.GET
    form = GoLiveForm(asked if "go_live_on" in asked else None, reason_wanted=request.method == "POST")
    shifts: list[Any] | None = None
    if form.is_valid():
        wanted = form.cleaned_data["go_live_on"]
        if request.method == "POST":
            try:
                moved = move_go_live(found, wanted, by=request.actor, reason=form.cleaned_data["reason"])  # type: ignore[attr-defined]
            except (CannotMove, ValueError) as refusal:
                form.add_error(None, str(refusal))
            else:
                toast(request, f"Go-live is {day(wanted)}, {plural(len(moved), 'due date')} moved")
                return redirect_or_refresh(
                    request, reverse("org:deployments:checklist", kwargs={"org": org, "deployment": deployment})
                )
        shifts = preview_go_live(found, wanted)
        form.fields["reason"].required = True
    context = {**frame(request, found, ""), "form": form, "shifts": shifts, "applying": request.method == "POST"}
    return page(request, "deployments/go_live.html", context, status=422 if form.is_bound and form.errors else 200)


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def closed_days(request: HttpRequest, org: str) -> HttpResponse:
    """The organization's own holidays and blackout dates."""
    form = ClosedDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ClosedDay.add(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"{day(form.cleaned_data['day'])} is closed")
        return redirect_or_refresh(request, reverse("org:deployments:closed_days", kwargs={"org": org}))
    days = ClosedDay.objects.select_related("site").order_by("day", "title")
    return page(
        request, "deployments/closed_days.html", {"form": form, "days": days}, status=422 if form.is_bound else 200
    )


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def open_day(request: HttpRequest, org: str, day: UUID) -> HttpResponse:
    """Take a closed day back."""
    found = ClosedDay.objects.filter(pk=day).first()
    if found is None:
        raise Http404
    found.remove(by=request.actor)  # type: ignore[attr-defined]
    return redirect_or_refresh(request, reverse("org:deployments:closed_days", kwargs={"org": org}))
