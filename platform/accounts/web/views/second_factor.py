"""What stands between a privileged role and the organization: a second factor."""

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from access.permissions import SECOND_FACTOR_ROLES, Role
from accounts import second_factor as factor
from web.render import page


@login_required
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why a second factor is needed and lead to its set-up, or ask for it where one is set up.

    Whoever signs needs one, whatever their role: the proof of a signature leads here where there is none.
    """
    wanted = own_address(request, request.GET.get("next", ""))
    seats = request.seats  # type: ignore[attr-defined]
    ways = _ways(request)
    if ways and (not factor.needed(request.user, seats) or factor.satisfied(request)):
        return redirect(wanted)
    if not ways:
        request.session[factor.AFTER_SET_UP] = wanted
    reasons = [
        (seat.organization.name, Role(role).title)
        for seat in seats
        for role in seat.roles
        if role in SECOND_FACTOR_ROLES
    ]
    context = {"reasons": reasons, "ways": ways, "wanted": wanted}
    return page(request, "accounts/second_factor.html", context)


def _ways(request: HttpRequest) -> list[tuple[str, str]]:
    """How this person can prove it: each factor has its own page, and must not fall back to the password's."""
    standing = factor.kinds(request.user)
    ways = [
        (Authenticator.Type.WEBAUTHN, "Use your passkey", "mfa_reauthenticate_webauthn"),
        (Authenticator.Type.TOTP, "Use your authenticator app", "mfa_reauthenticate"),
    ]
    return [(title, reverse(name)) for kind, title, name in ways if kind in standing]


def own_address(request: HttpRequest, address: str) -> str:
    """Return the address if it is a place of ours to go to, else the home page."""
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}) else "/"
