"""The proof of identity behind a signature: what the person gave in this session within the last five minutes."""

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from access.request import OrganizationRequest
from accounts import second_factor
from onboarding.golive.models.signature import COMPONENTS, FRESH, Proof

SIGNED = "causeway_signed_as"
"""In the session: whose signatures it has seen. The first one needs two components, a later one at least one."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to prove before signing, and where."""

    title: str
    ask: str
    given: bool
    address: str


def proof_of(request: OrganizationRequest) -> Proof:
    """Return what the person proved lately; it says itself what it lacks."""
    given: dict[str, datetime] = {}
    for record in get_authentication_records(request, request.user):
        component = str(record.get("type") if record.get("method") == "mfa" else record.get("method"))
        at = datetime.fromtimestamp(record["at"], tz=UTC)
        if component in COMPONENTS and timezone.now() - at <= FRESH:
            given[component] = at
    first = request.session.get(SIGNED) != str(request.user.pk)
    return Proof(request.actor.person_id, tuple(sorted(given)), min(given.values(), default=timezone.now()), first)


def signed(request: HttpRequest) -> None:
    """Remember that the person signed in this session."""
    request.session[SIGNED] = str(request.user.pk)


def steps(request: HttpRequest, proof: Proof, back_to: str) -> list[Step]:
    """Return what has to be proved for the next signature, each with the page that asks for it and comes back."""
    next_to = urlencode({"next": back_to})
    by_factor = any(one != "password" for one in proof.components)
    ask, name = _second_factor(request)
    found = [Step("One-time code or passkey", ask, by_factor, f"{reverse(name)}?{next_to}")]
    if proof.first_of_session:
        has_one = request.user.is_authenticated and request.user.has_usable_password()
        name = "account_reauthenticate" if has_one else "account_set_password"
        ask = "Prove by password" if has_one else "Set a password first"
        found.insert(0, Step("Password", ask, "password" in proof.components, f"{reverse(name)}?{next_to}"))
    return found


def _second_factor(request: HttpRequest) -> tuple[str, str]:
    """How the person proves a second factor, and the page for it; who has none sets one up first, and comes back.

    Each factor has its own page: asked for one that is not set up, it would fall back to the password's.
    """
    standing = second_factor.kinds(request.user)
    if not standing:
        return "Set up a second factor first", "accounts:second_factor"
    if standing == {Authenticator.Type.WEBAUTHN}:
        return "Prove by passkey", "mfa_reauthenticate_webauthn"
    return "Prove by one-time code or passkey", "mfa_reauthenticate"
