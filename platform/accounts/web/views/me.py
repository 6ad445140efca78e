"""One's own account: name, language, zone, looks, quiet hours, how one signs in, where one is signed in."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts import second_factor
from accounts.web.devices import device
from accounts.web.forms import PreferencesForm
from web.context import DENSITY_COOKIE, KEYS_COOKIE, THEME_COOKIE
from web.render import page, toast


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show and keep the settings; a saved look replaces what this device chose before."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.prefer(**form.cleaned_data)  # type: ignore[union-attr]
        toast(request, "Settings saved")
        response = redirect("accounts:me")
        for cookie in (THEME_COOKIE, DENSITY_COOKIE, KEYS_COOKIE):
            response.delete_cookie(cookie)
        return response
    context = {
        "form": form,
        "sessions": _sessions(request),
        "has_second_factor": second_factor.set_up(request.user),
        "needs_second_factor": second_factor.needed(request.user, request.seats),  # type: ignore[attr-defined]
    }
    return page(request, "accounts/me.html", context, status=422 if form.errors else 200)


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    standing = UserSession.objects.purge_and_list(request.user)
    standing.sort(key=lambda session: session.last_seen_at, reverse=True)
    return [
        {
            "pk": session.pk,
            "device": device(session.user_agent),
            "ip": session.ip,
            "last_seen_at": session.last_seen_at,
            "here": session.session_key == request.session.session_key,
        }
        for session in standing
    ]
