"""The keys that sign the heads of the log: made on first use beside the instance's files, or given by the environment."""

import base64
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit import key_files
from audit.key_files import folder

FILE = "audit.key"


def identify(key: Ed25519PublicKey) -> str:
    """Return the short name of a key: the start of the hash of its public half."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(head: bytes) -> tuple[bytes, str]:
    """Sign a head; return the signature and the key's name."""
    key = _current()
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
    keys = [_current().public_key()]
    named = [(path.read_text(), str(path)) for path in sorted(folder().glob("audit-*.pub"))]
    named += [(words, "AUDIT_FORMER_KEYS") for words in settings.AUDIT_FORMER_KEYS]
    keys += [key_files.read(words, name, Ed25519PublicKey.from_public_bytes) for words, name in named]
    return {identify(key): key for key in keys}


def text(key: Ed25519PublicKey) -> str:
    """Return the public key as base64, as an export and a `.pub` file carry it."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def rotate() -> tuple[str, str]:
    """Put a new key in the place of the instance's own; return the names of the old one and the new one.

    The old public half stays, so that what it signed still verifies; the workers take the new key up by themselves. Raise
    ImproperlyConfigured where the key comes from the environment: it is exchanged there (`fresh`).
    """
    if settings.AUDIT_SIGNING_KEY:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY is given by the environment: exchange it there.")
    before = _current().public_key()
    key = Ed25519PrivateKey.generate()
    _publish(key.public_key())  # first the half that verifies: a head signed a moment later is known already
    key_files.replace(FILE, key.private_bytes_raw())
    return identify(before), identify(key.public_key())


def fresh() -> tuple[str, str]:
    """Return what the environment gets at the next rotation: a new AUDIT_SIGNING_KEY, and what to add to AUDIT_FORMER_KEYS."""
    new = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
    return new, text(_current().public_key())


def _current() -> Ed25519PrivateKey:
    if given := settings.AUDIT_SIGNING_KEY:
        return _given(given)
    path, is_new = key_files.standing(FILE, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
    key = _read(path, path.stat().st_mtime_ns)
    if is_new:
        _publish(key.public_key())
    return key


@cache
def _given(words: str) -> Ed25519PrivateKey:
    return key_files.read(words, "AUDIT_SIGNING_KEY", Ed25519PrivateKey.from_private_bytes)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Ed25519PrivateKey:
    """Read the key once for as long as the file stays as it is."""
    return key_files.read(path.read_text(), str(path), Ed25519PrivateKey.from_private_bytes)


def _publish(key: Ed25519PublicKey) -> None:
    (folder() / f"audit-{identify(key)}.pub").write_text(text(key))
