"""Changing a site: its profile, its county, its time zone, whether it is in use."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from onboarding.deployments.models import Deployment
from onboarding.rosters.actions.add_site import add_site
from onboarding.rosters.actions.close_site import CannotClose, close_site, reopen_site
from onboarding.rosters.actions.edit_site import edit_site
from onboarding.rosters.actions.place_site import CannotPlace, choose_county, set_time_zone
from onboarding.rosters.web.forms import CloseForm, SiteForm
from onboarding.rosters.web.views.sites import show_site
from tenancy.models import Site
from web.render import page, redirect_or_refresh, toast


def _find(site: UUID) -> Site:
    found = Site.objects.filter(pk=site).first()
    if found is None:
        raise Http404
    return found


def _done(request: HttpRequest, org: str, site: Site, said: str) -> HttpResponse:
    toast(request, said)
    return redirect_or_refresh(request, reverse("org:sites:show", kwargs={"org": org, "site": site.pk}))


def _mark(form: SiteForm, refusal: ValidationError) -> None:
    for name, words in refusal.message_dict.items():
        for text in words:
            form.add_error(name if name in form.fields else None, text)


@require(Permission.SITE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, org: str) -> HttpResponse:
    """Add one site by hand."""
    form = SiteForm(request.POST or None, initial={"country": request.organization.country})  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            site = add_site(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except ValidationError as refusal:
            _mark(form, refusal)
        else:
            return _done(request, org, site, f"{site.name} added")
    return page(request, "rosters/site_form.html", {"form": form, "site": None}, status=422 if form.is_bound else 200)


@require(Permission.SITE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """Change a site's profile."""
    found = _find(site)
    initial = SiteForm.initial_of(found)
    if found.time_zone_guessed:
        initial["time_zone"] = ""
    form = SiteForm(request.POST or None, initial=initial)
    if form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        if not values["time_zone"] and found.time_zone_guessed:
            del values["time_zone"]  # it is a guess and stays one
        try:
            edit_site(found, by=request.actor, **values)  # type: ignore[attr-defined]
        except ValidationError as refusal:
            _mark(form, refusal)
        else:
            return _done(request, org, found, f"{values['name']} saved")
    return page(request, "rosters/site_form.html", {"form": form, "site": found}, status=422 if form.is_bound else 200)


@require(Permission.SITE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """Close a site, knowing what runs there."""
    found = _find(site)
    form = CloseForm(request.POST or None)
    if form.is_valid():
        try:
            close_site(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except CannotClose as refusal:
            form.add_error("on", str(refusal))
        else:
            return _done(request, org, found, f"{found.name} closed")
    running = Deployment.objects.running().filter(site=found).for_page().order_by("go_live_on")
    context = {"form": form, "site": found, "running": running}
    return page(request, "rosters/site_close.html", context, status=422 if form.is_bound else 200)


@require(Permission.SITE_MANAGE)
@require_POST
def reopen(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """Open a closed site again."""
    found = _find(site)
    reopen_site(found, by=request.actor)  # type: ignore[attr-defined]
    return _done(request, org, found, f"{found.name} is open again")


@require(Permission.SITE_MANAGE)
@require_POST
def county(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """Say which county the site lies in."""
    found = _find(site)
    asked = request.POST.get("likely", "")[:5] or request.POST.get("other", "")[:5]
    try:
        chosen = choose_county(found, asked, by=request.actor)  # type: ignore[attr-defined]
    except CannotPlace as refusal:
        return show_site(request, found, problem=str(refusal))
    return _done(request, org, chosen, "County chosen")


@require(Permission.SITE_MANAGE)
@require_POST
def time_zone(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """Confirm the guessed time zone, or give another."""
    found = _find(site)
    try:
        set_time_zone(found, request.POST.get("time_zone", "")[:64], by=request.actor)  # type: ignore[attr-defined]
    except CannotPlace as refusal:
        return show_site(request, found, problem=str(refusal))
    return _done(request, org, found, "Time zone confirmed")
