"""Invitations: inviting, sending again, taking back."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import require
from accounts.models import Invitation
from accounts.models.invitation import Unusable
from accounts.web.console_forms import InviteForm
from accounts.web.mail import send_after_commit
from web.render import page, toast
from web.whole_tables import shown_rows

LATEST = 100


@require(Permission.PEOPLE_MANAGE)
@require_safe
def invitations(request: HttpRequest, org: str) -> HttpResponse:
    """List them, newest first."""
    found = Invitation.objects.select_related("invited_by").order_by("-created_at", "-pk")
    return page(request, "accounts/console/invitations.html", {"invitations": shown_rows(request.GET, found, LATEST)})


@require(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, org: str) -> HttpResponse:
    """Invite an address and mail it the link."""
    form = InviteForm(request.POST or None, actor_roles=request.actor.roles)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            invitation, secret = Invitation.make(**form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            send_after_commit(invitation, secret, request.organization, str(request.user))  # type: ignore[attr-defined]
            toast(request, f"Invitation to {invitation.email} is on its way")
            return redirect("org:console:invitations", org=org)
    return page(request, "accounts/console/invite.html", {"form": form}, status=422 if form.errors else 200)


@require(Permission.PEOPLE_MANAGE)
@require_POST
def renew(request: HttpRequest, org: str, invitation: UUID) -> HttpResponse:
    """Send it again with a new link; the old one dies."""
    found = _find(invitation)
    try:
        secret = found.renew(by=request.actor)  # type: ignore[attr-defined]
    except Unusable as refused:
        toast(request, str(refused))
    else:
        found.refresh_from_db()
        send_after_commit(found, secret, request.organization, str(request.user))  # type: ignore[attr-defined]
        toast(request, f"A new link to {found.email} is on its way")
    return redirect("org:console:invitations", org=org)


@require(Permission.PEOPLE_MANAGE)
@require_POST
def revoke(request: HttpRequest, org: str, invitation: UUID) -> HttpResponse:
    """Take it back."""
    found = _find(invitation)
    try:
        found.revoke(by=request.actor)  # type: ignore[attr-defined]
    except Unusable as refused:
        toast(request, str(refused))
    else:
        toast(request, f"Invitation to {found.email} taken back")
    return redirect("org:console:invitations", org=org)


def _find(invitation: UUID) -> Invitation:
    found = Invitation.objects.filter(pk=invitation).first()
    if found is None:
        raise Http404
    return found
