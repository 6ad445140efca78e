"""Whether a webhook is the provider's own and new. Each check follows the provider's documentation."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import urllib.request
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.utils import timezone
from django.utils.crypto import constant_time_compare

FRESH = 300
"""Seconds for which our own signature counts."""
PROVIDER_FRESH = 24 * 3600
"""Providers try again for hours with the signature of the first try; what was heard counts once anyway."""
SNS_HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?")
SNS_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
LONGEST_ANSWER = 64 * 1024


class _NoWayOut(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it could lead anywhere."""

    def redirect_request(self, *arguments: Any) -> None:
        """Refuse."""


class Forged(Exception):
    """The request is not the provider's, or too old."""


def generic(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """`Causeway-Signature: t=<unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, as Stripe's."""
    parts = dict(part.split("=", 1) for part in headers.get("Causeway-Signature", "").split(",") if "=" in part)
    stamp = parts.get("t", "")
    _fresh(stamp, FRESH)
    wanted = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    _same(parts.get("v1", ""), wanted)


def mailgun(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """HMAC-SHA256 of timestamp and token with the domain's signing key, in the body."""
    signed = read_json(body).get("signature")
    signed = signed if isinstance(signed, dict) else {}
    stamp, token = str(signed.get("timestamp", "")), str(signed.get("token", ""))
    _fresh(stamp, PROVIDER_FRESH)
    _same(
        str(signed.get("signature", "")),
        hmac.new(secret.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest(),
    )


def postmark(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Postmark signs nothing: its address carries a name and password (`secret` is "name:password")."""
    kind, _, given = headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "basic":
        raise Forged("No password.")
    try:
        found = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Forged("That is no password.") from None
    _same(found, secret)


def sendgrid(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """ECDSA with SHA-256 over timestamp and body; `secret` is the verification key that the account shows."""
    stamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    _fresh(stamp, PROVIDER_FRESH)
    try:
        key = serialization.load_der_public_key(base64.b64decode(secret))
        signature = base64.b64decode(headers.get("X-Twilio-Email-Event-Webhook-Signature", ""), validate=True)
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (binascii.Error, InvalidSignature):
        raise Forged("The signature is wrong.") from None


def ses(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Amazon SNS, signature version 2: RSA with SHA-256 by a certificate of SNS itself; `secret` is the topic's ARN."""
    said = read_json(body)
    if said.get("TopicArn") != secret or said.get("SignatureVersion") != "2":
        raise Forged("Another topic, or signature version 1.")
    fields = SNS_FIELDS.get(str(said.get("Type")))
    address = str(said.get("SigningCertURL", ""))
    if fields is None or not of_sns(address) or not address.endswith(".pem"):
        raise Forged("That is not Amazon's.")
    text = "".join(f"{name}\n{said[name]}\n" for name in fields if said.get(name) is not None)
    try:
        signature = base64.b64decode(str(said.get("Signature", "")), validate=True)
        certificate_key(address).verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature):
        raise Forged("The signature is wrong.") from None


def of_sns(address: str) -> bool:
    """Whether an address is one of Amazon SNS itself: nothing else is ever fetched."""
    parts = urlsplit(address)
    return parts.scheme == "https" and parts.port is None and SNS_HOST.fullmatch(parts.netloc) is not None


@lru_cache(maxsize=8)
def certificate_key(address: str) -> rsa.RSAPublicKey:
    """Return the key of the certificate at an address of SNS; raise Forged for one that is not valid now."""
    found = x509.load_pem_x509_certificate(fetch(address))
    key = found.public_key()
    now = timezone.now()
    if not found.not_valid_before_utc <= now <= found.not_valid_after_utc or not isinstance(key, rsa.RSAPublicKey):
        raise Forged("The certificate is not valid.")
    return key


def fetch(address: str) -> bytes:
    """Read an address of SNS."""
    if not of_sns(address):
        raise Forged("That is not Amazon's.")
    with urllib.request.build_opener(_NoWayOut).open(address, timeout=5) as answer:
        return bytes(answer.read(LONGEST_ANSWER))


def read_json(body: bytes) -> dict[str, Any]:
    """Return a body as an object; raise ValueError."""
    try:
        said = json.loads(body)
    except RecursionError:
        raise ValueError("Too deep.") from None
    if not isinstance(said, dict):
        raise ValueError("Not an object.")
    return said


def _fresh(stamp: str, seconds: int) -> None:
    if not stamp.isdecimal() or len(stamp) > 12 or abs(timezone.now().timestamp() - int(stamp)) > seconds:
        raise Forged("Too old.")


def _same(given: str, wanted: str) -> None:
    if not constant_time_compare(given, wanted):
        raise Forged("The signature is wrong.")
