"""Whether a session was opened with two factors."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from access.permissions import SECOND_FACTOR_ROLES

DEVELOPMENT_FLAG = "causeway_second_factor"
AFTER_SET_UP = "causeway_after_set_up"
"""In the session: where to go on once a first second factor is set up."""
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def code_of(secret: str) -> str:
    """Return what an authenticator app with this secret shows now (RFC 6238)."""
    accepted = list(yield_hotp_counters_from_time())  # the steps before and after count as well: now is in the middle
    return str(format_hotp_value(hotp_value(secret, accepted[len(accepted) // 2])))


def needed(user: Any, seats: list[Any]) -> bool:
    """Whether the person holds, anywhere, a role that requires a second factor."""
    return bool(user.is_staff or any(SECOND_FACTOR_ROLES & set(seat.roles) for seat in seats))


def satisfied(request: HttpRequest) -> bool:
    """Whether this session proved a second factor (a passkey counts as both)."""
    if settings.DEVELOPMENT_SIGN_IN and request.session.get(DEVELOPMENT_FLAG):
        return True
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def kinds(user: Any) -> set[str]:
    """Which second factors the person has set up; recovery codes alone are none."""
    return set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))


def set_up(user: Any) -> bool:
    """Whether the person has a second factor at all; recovery codes alone are none."""
    return bool(is_mfa_enabled(user, FACTORS))
