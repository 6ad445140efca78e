"""The key by which push services know this installation: from the environment, or made on first use beside its files."""

import base64
import hashlib
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from py_vapid import Vapid02

from audit import key_files

FILE = "push.key"
VALID_SECONDS = 12 * 60 * 60
"""How long a signature holds; at most a day (RFC 8292, 2)."""


def offered() -> bool:
    """Whether browsers can be reached: production needs a key from its environment, since several machines share it."""
    return bool(settings.PUSH_KEY) or settings.PUSH_OWN_KEY


def public() -> str:
    """Return the public half as a browser takes it, base64url; raise ImproperlyConfigured without a key."""
    raw = _current().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def name() -> str:
    """Return the short name of the key: a browser is bound to the one it was turned on with."""
    return hashlib.sha256(public().encode()).hexdigest()[:16]


def authorization(service: str) -> str:
    """Return the header that proves to a push service (scheme, host and port) who sends."""
    _, _, address = settings.DEFAULT_FROM_EMAIL.rpartition("<")
    claims = {
        "aud": service,
        "exp": int(timezone.now().timestamp()) + VALID_SECONDS,
        "sub": f"mailto:{address.rstrip('>')}",
    }
    return str(_current().sign(claims)["Authorization"])


def _current() -> Vapid02:
    if settings.PUSH_KEY:
        return _read(settings.PUSH_KEY)
    if not settings.PUSH_OWN_KEY:
        raise ImproperlyConfigured("PUSH_KEY is not set: no browser can be reached.")
    path, _ = key_files.standing(FILE, _fresh)
    return _read(path.read_text())


@cache
def _read(words: str) -> Vapid02:
    return key_files.read(words, "PUSH_KEY", _signer)


def _signer(raw: bytes) -> Vapid02:
    return Vapid02(ec.derive_private_key(int.from_bytes(raw), ec.SECP256R1()))


def _fresh() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(key_files.OCTETS)
