"""A person who has just proved who they are, by password and one-time code, over HTTP."""

from collections.abc import Callable

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accounts.models import User

PASSWORD = "correct horse battery staple"


def code_of(secret: str) -> str:
    """The one-time code of this moment."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def proven(client_of: Callable[[User], Client], user: User) -> Client:
    """Sign in and give both components."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    browser = client_of(user)
    browser.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser
