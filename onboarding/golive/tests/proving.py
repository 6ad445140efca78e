"""A person who proves who they are, by password and one-time code: in a session, or in one request of a program."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import User
from accounts.second_factor import code_of

PASSWORD = "correct horse battery staple"
TAMPERED: list[tuple[str, Callable[[Any], Any]]] = [
    ("meaning", lambda found: found + " "),
    ("method", lambda found: "password"),
    ("printed_name", lambda found: found + "."),
    ("signed_at", lambda found: found + timedelta(microseconds=1)),
    ("deployment_id", lambda found: uuid4()),
    ("signer_id", lambda found: uuid4()),
    ("scheme", lambda found: 1),
]
"""What is bound into every signed record, each changed by the least."""


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


def proofs(user: User) -> dict[str, str]:
    """What a signature over the API carries; each time from a new authenticator app, since a code counts once."""
    secret = generate_totp_secret()
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, secret)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return {"password": PASSWORD, "code": code_of(secret)}
