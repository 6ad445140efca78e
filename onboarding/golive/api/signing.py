"""Signatures over the API: a request stands alone, so each carries both proofs of its person (21 CFR 11.200(a)(1)(ii))."""

from typing import Any

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from accounts.models import User
from api.serializers import Body
from onboarding.golive.models.signature import Proof, SignatureRefused

ACTION = "reauthenticate"
"""Whose rate limit guards it: guesses here and at the sign-in page's question are counted together."""


class SignatureBody(Body):
    """What a signature needs: the printed name, and password and one-time code of the caller, given for this one."""

    printed_name = serializers.CharField(max_length=120)
    password = serializers.CharField(max_length=200, write_only=True, trim_whitespace=False)
    code = serializers.CharField(max_length=12, write_only=True, help_text="Of the caller's authenticator app; once")


class Signed(serializers.Serializer[Any]):
    """A signature as it is shown; `stands`: whole, on this very record, and the one that the log tells of."""

    printed_name = serializers.CharField()
    signed_at = serializers.DateTimeField()
    method = serializers.CharField()
    sha256 = serializers.CharField()
    stands = serializers.BooleanField()


def take_proof(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Take the secrets out of a body and return what the verb needs instead: printed name and proof.

    The answer never says which of the two was wrong. Raises SignatureRefused, and Throttled for too many guesses.
    """
    password, code = body.pop("password"), body.pop("code")
    user = request.user
    assert isinstance(user, User)  # the door lets nobody else in
    if not ratelimit.consume(request._request, action=ACTION, user=user):
        raise exceptions.Throttled
    at = timezone.now()
    known = user.has_usable_password() and user.check_password(password)
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if not (known and app and TOTP(app).validate_code(code)):
        raise SignatureRefused("Password and one-time code do not prove who you are: give both anew.")
    return {"printed_name": body.pop("printed_name"), "proof": Proof(user.pk, ("password", "totp"), at)}
