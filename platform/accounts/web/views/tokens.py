"""API tokens: making one, seeing it once, ending it."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import require
from accounts.models import ApiToken
from accounts.web.console_forms import TokenForm
from accounts.web.proved_again import proved_again
from web.render import page, toast


@require(Permission.TOKEN_MANAGE)
@require_safe
def tokens(request: HttpRequest, org: str) -> HttpResponse:
    """List them, newest first."""
    found = ApiToken.objects.select_related("created_by").order_by("-created_at", "-pk")
    return page(request, "accounts/console/tokens.html", {"tokens": list(found)})


@never_cache
@require(Permission.TOKEN_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@proved_again
def make(request: HttpRequest, org: str) -> HttpResponse:
    """Make a token; the answer to this POST is the only place that shows it."""
    form = TokenForm(request.POST or None, request.permissions)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            token, secret = ApiToken.make(
                name=fields["name"],
                scopes=fields["scopes"],
                expires_at=form.expires_at,
                by=request.actor,  # type: ignore[attr-defined]
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return page(request, "accounts/console/token_made.html", {"token": token, "secret": secret})
    return page(request, "accounts/console/make_token.html", {"form": form}, status=422 if form.errors else 200)


@require(Permission.TOKEN_MANAGE)
@require_POST
def revoke(request: HttpRequest, org: str, token: UUID) -> HttpResponse:
    """End a token at its next request."""
    found = ApiToken.objects.filter(pk=token).first()
    if found is None:
        raise Http404
    found.revoke(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{found.name} revoked")
    return redirect("org:console:tokens", org=org)
