"""Where a person lands."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from web import navigation
from web.render import page


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the only organization, or let the person choose."""
    seats = request.seats  # type: ignore[attr-defined]
    if len(seats) == 1:
        return redirect("org:home", org=seats[0].organization.slug)
    if not seats and request.user.is_staff:
        return redirect("admin:index")
    return redirect("accounts:organizations")


@login_required
@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """The organizations a person belongs to, each a link."""
    return page(request, "accounts/organizations.html")


@require_safe
def organization_home(request: HttpRequest, org: str) -> HttpResponse:
    """Go to the first page of the organization that this person's roles open, of those that a phone's tab bar has."""
    links = [link for section in navigation.sections(request) for link in section.links]
    for link in sorted(links, key=lambda link: not link.tab):
        return redirect(link.address)
    return redirect(reverse("accounts:me"))
