"""The proof of identity behind a signature: the newest authentication of this session, if it is fresh enough."""

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from onboarding.golive.models.signature import FRESH, Proof


def proof_of(request: HttpRequest) -> Proof | None:
    """Return the fresh proof of a second factor or passkey, or None: then the signer is asked for it again."""
    for record in reversed(get_authentication_records(request, request.user)):
        if record.get("method") != "mfa":
            continue
        at = datetime.fromtimestamp(record["at"], tz=UTC)
        return Proof(str(record.get("type", "mfa")), at) if timezone.now() - at <= FRESH else None
    return None


def address_of_proof(request: HttpRequest, back_to: str) -> str:
    """Return where the signer proves who they are, to come back to `back_to` afterwards."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back_to})}"
