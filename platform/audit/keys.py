"""The keys that sign the heads of the log: made on first use beside the instance's files, or given by the environment."""

import base64
import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FILE = "audit.key"


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
    words = [path.read_text() for path in sorted(folder().glob("audit-*.pub"))] + settings.AUDIT_FORMER_KEYS
    keys += [Ed25519PublicKey.from_public_bytes(base64.b64decode(word.strip())) for word in words]
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
    draft = _draft(key)
    draft.replace(folder() / FILE)
    return identify(before), identify(key.public_key())


def fresh() -> tuple[str, str]:
    """Return what the environment gets at the next rotation: a new AUDIT_SIGNING_KEY, and what to add to AUDIT_FORMER_KEYS."""
    new = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
    return new, text(_current().public_key())


def _current() -> Ed25519PrivateKey:
    if given := settings.AUDIT_SIGNING_KEY:
        return _given(given)
    path = folder() / FILE
    if not path.exists():
        _make(path)
    return _read(str(path), path.stat().st_mtime_ns)


@cache
def _given(words: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(words, validate=True))
    except ValueError:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY: expected 32 bytes in base64") from None


@lru_cache(maxsize=4)
def _read(path: str, changed: int) -> Ed25519PrivateKey:
    """Read the key once for as long as the file stays as it is."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(Path(path).read_bytes()))


def _make(path: Path) -> None:
    """Make the first key. Two workers may start at once: whoever links the complete file first has made it."""
    draft = _draft(Ed25519PrivateKey.generate())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _publish(_read(str(path), path.stat().st_mtime_ns).public_key())


def _draft(key: Ed25519PrivateKey) -> Path:
    draft = folder() / f"{FILE}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(key.private_bytes_raw()))
    return draft


def _publish(key: Ed25519PublicKey) -> None:
    (folder() / f"audit-{identify(key)}.pub").write_text(text(key))
