"""Leaving an organization."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.models import Membership
from accounts.models.membership import LastOwner
from web.render import page, toast


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, org: str) -> HttpResponse:
    """Ask once, then leave; effective at the next request."""
    if request.part:  # type: ignore[attr-defined]
        raise Http404
    refused = ""
    if request.method == "POST":
        member = Membership.objects.active().get(user_id=request.actor.id)  # type: ignore[attr-defined]
        try:
            member.end(by=request.actor)  # type: ignore[attr-defined]
        except LastOwner as last:
            refused = str(last)
        else:
            toast(request, f"You left {request.organization.name}")  # type: ignore[attr-defined]
            return redirect("accounts:organizations")
    return page(request, "accounts/console/leave.html", {"refused": refused}, status=409 if refused else 200)
