"""One-click sign-in for the demo and for development. There is no such page under production settings."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Role
from accounts.models import Membership, User
from accounts.second_factor import DEVELOPMENT_FLAG, code_of
from accounts.web.views.second_factor import own_address
from tenancy.models import Organization
from tenancy.scope import scope
from web.render import page

ORGANIZATIONS = 12
PEOPLE = 100
"""Of each organization those who came first: a data set for measurements has thousands."""


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """List the demo's people; a click signs one of them in with two factors."""
    if not settings.DEVELOPMENT_SIGN_IN:
        raise Http404
    wanted = own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        context = {
            "groups": _groups(),
            "operators": User.objects.filter(is_staff=True),
            "codes": _codes(),
            "wanted": wanted,
        }
        return page(request, "accounts/development_sign_in.html", context)
    user = get_object_or_404(User, email=request.POST.get("person", ""), is_active=True)
    login(request, user)
    record_authentication(request, user, "development", reauthenticated=True)
    request.session[DEVELOPMENT_FLAG] = True
    return redirect(wanted)


def _codes() -> dict[UUID, str]:
    """Return the one-time code of this half minute for everybody who has an authenticator: signing asks for it."""
    devices = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    return {device.user_id: code_of(decrypt(device.data["secret"])) for device in devices}


def _groups() -> list[dict[str, Any]]:
    order = list(Role)
    groups = []
    for organization in Organization.objects.order_by("created_at")[:ORGANIZATIONS]:
        with scope(organization.pk):
            members = list(Membership.objects.active().select_related("user").order_by("pk")[:PEOPLE])
        members.sort(key=lambda member: (min(order.index(Role(role)) for role in member.roles), member.user.name))
        groups.append({"organization": organization, "members": members})
    return groups
