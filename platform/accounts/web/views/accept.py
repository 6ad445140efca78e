"""Accepting an invitation. Opening the link changes nothing: mail scanners open links too."""

from contextlib import AbstractContextManager
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Invitation, User, bearer
from accounts.models.invitation import PREFIX, OtherAddress, Unusable
from accounts.web.forms import NewPersonForm
from tenancy.models import Organization
from tenancy.scope import Scope, scope
from web.render import page

TEMPLATE = "accounts/invitation.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what is offered; accept on POST. An unknown link is answered like any missing page."""
    with _scope_of(secret):
        found = Invitation.by_secret(secret)
        if found is None:
            raise Http404
        organization = Organization.objects.get(pk=found.organization_id)
        try:
            found.check_usable()
        except Unusable as unusable:
            return page(request, TEMPLATE, {"state": "unusable", "why": str(unusable)}, status=410)
        context: dict[str, Any] = {"invitation": found, "host": organization, "form": None}
        if request.user.is_authenticated:
            return _as_signed_in(request, found, context)
        if User.objects.filter(email__iexact=found.email).exists():
            return page(request, TEMPLATE, {**context, "state": "sign_in"})
        return _as_new(request, found, context)


def _as_signed_in(request: HttpRequest, found: Invitation, context: dict[str, Any]) -> HttpResponse:
    user = request.user
    if not EmailAddress.objects.filter(user=user, email__iexact=found.email, verified=True).exists():
        return page(request, TEMPLATE, {"state": "other"}, status=403)
    if request.method != "POST":
        return page(request, TEMPLATE, {**context, "state": "accept"})
    try:
        found.accept(user)  # type: ignore[arg-type]
    except (Unusable, OtherAddress) as refused:
        return page(request, TEMPLATE, {"state": "unusable", "why": str(refused)}, status=410)
    return redirect("org:home", org=context["host"].slug)


def _as_new(request: HttpRequest, found: Invitation, context: dict[str, Any]) -> HttpResponse:
    form = NewPersonForm(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = found.accept_as_new(**form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        except Unusable as refused:
            return page(request, TEMPLATE, {"state": "unusable", "why": str(refused)}, status=410)
        else:
            login(request, user)
            record_authentication(request, user, "invitation")
            if form.cleaned_data["password"]:
                return redirect("org:home", org=context["host"].slug)
            return redirect("mfa_add_webauthn")
    return page(request, TEMPLATE, {**context, "state": "new", "form": form}, status=422 if form.errors else 200)


def _scope_of(secret: str) -> AbstractContextManager[Scope]:
    organization_id = bearer.organization_of(PREFIX, secret)
    if organization_id is None:
        raise Http404
    return scope(organization_id)
