"""The keys that sign the heads of the log: made on first use beside the instance's files, or given by the environment."""

import base64
import hashlib
import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def folder() -> Path:
    """Return the folder of the keys, closed to other users."""
    path: Path = settings.STATE_DIR / "keys"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def identify(key: Ed25519PublicKey) -> str:
    """Return the short name of a key: the start of the hash of its public half."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(head: bytes) -> tuple[bytes, str]:
    """Sign a head; return the signature and the key's name."""
    key = _signing_key(settings.AUDIT_SIGNING_KEY, str(settings.STATE_DIR))
    return key.sign(head), identify(key.public_key())


def signed(head: bytes, signature: bytes, key_id: str) -> bool:
    """Whether the key of that name, one of ours, signed this head."""
    key = public_keys().get(key_id)
    if key is None:
        return False
    try:
        key.verify(signature, head)
    except InvalidSignature:
        return False
    return True


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Return every key that has signed here, by name: a key that is replaced leaves its public half behind."""
    keys = [_signing_key(settings.AUDIT_SIGNING_KEY, str(settings.STATE_DIR)).public_key()]
    words = [path.read_text() for path in sorted(folder().glob("audit-*.pub"))] + settings.AUDIT_FORMER_KEYS
    keys += [Ed25519PublicKey.from_public_bytes(base64.b64decode(word.strip())) for word in words]
    return {identify(key): key for key in keys}


def text(key: Ed25519PublicKey) -> str:
    """Return the public key as base64, as an export and a `.pub` file carry it."""
    return base64.b64encode(key.public_bytes_raw()).decode()


@cache
def _signing_key(given: str, state: str) -> Ed25519PrivateKey:
    if given:
        try:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(given, validate=True))
        except ValueError:
            raise ImproperlyConfigured("AUDIT_SIGNING_KEY: expected 32 bytes in base64") from None
    path = folder() / "audit.key"
    # Two workers may start at once: whoever links the complete file first has made the key.
    fresh = Ed25519PrivateKey.generate()
    draft = folder() / f"audit.key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(fresh.private_bytes_raw()))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes()))
    (folder() / f"audit-{identify(key.public_key())}.pub").write_text(text(key.public_key()))
    return key
