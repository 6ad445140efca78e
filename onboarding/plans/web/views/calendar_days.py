"""The days on which nobody works, and the periods in which nothing goes live."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from onboarding.deployments.models import ClosedDay
from onboarding.plans.models import BlackoutPeriod
from onboarding.plans.web.forms import BlackoutForm, ClosedDayForm
from web.formats import day, day_range
from web.render import page, redirect_or_refresh, toast


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def closed_days(request: HttpRequest, org: str) -> HttpResponse:
    """The organization's own holidays."""
    form = ClosedDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ClosedDay.add(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        toast(request, f"{day(form.cleaned_data['day'])} is closed")
        return _back(request, org)
    return _page(request, form, BlackoutForm(prefix="blackout"))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def open_day(request: HttpRequest, org: str, day: UUID) -> HttpResponse:
    """Take a closed day back."""
    found = ClosedDay.objects.filter(pk=day).first()
    if found is None:
        raise Http404
    found.remove(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{found.title}: people work that day again")
    return _back(request, org)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def add_blackout(request: HttpRequest, org: str) -> HttpResponse:
    """Keep a period free of go-lives."""
    form = BlackoutForm(request.POST, prefix="blackout")
    if form.is_valid():
        try:
            BlackoutPeriod.add(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except ValueError as refusal:
            form.add_error("last", str(refusal))
        else:
            toast(request, f"Nothing goes live {day_range(form.cleaned_data['first'], form.cleaned_data['last'])}")
            return _back(request, org)
    return _page(request, ClosedDayForm(), form)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def remove_blackout(request: HttpRequest, org: str, period: UUID) -> HttpResponse:
    """Let sites go live in the period again."""
    found = BlackoutPeriod.objects.filter(pk=period).first()
    if found is None:
        raise Http404
    found.remove(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{found.title}: sites may go live again")
    return _back(request, org)


def _page(request: HttpRequest, form: Any, blackout_form: Any) -> HttpResponse:
    context = {
        "form": form,
        "blackout_form": blackout_form,
        "days": ClosedDay.objects.select_related("site").order_by("day", "title"),
        "periods": BlackoutPeriod.objects.select_related("site").order_by("first", "title"),
    }
    bound = form.is_bound or blackout_form.is_bound
    return page(request, "plans/closed_days.html", context, status=422 if bound else 200)


def _back(request: HttpRequest, org: str) -> HttpResponse:
    return redirect_or_refresh(request, reverse("org:plans:closed_days", kwargs={"org": org}))
