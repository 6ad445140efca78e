"""Secrets that a link or a program carries. They name their organization, so that its scope can be entered first.

Only the SHA-256 of the whole is kept: 256 random bits need no slow hash, and the row is found by that hash, so that
the time of a guess says nothing about how much of it was right.
"""

import hashlib
import secrets
from uuid import UUID

OCTETS = 32
HEX_DIGITS = 32


def make(prefix: str, organization_id: UUID) -> str:
    """Return a new secret: `<prefix>_<organization's id in hex>_<256 random bits>`."""
    return f"{prefix}_{organization_id.hex}_{secrets.token_urlsafe(OCTETS)}"


def digest(secret: str) -> str:
    """Return what is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def organization_of(prefix: str, secret: str) -> UUID | None:
    """Return the organization that the secret names, whether or not it exists; None for another kind of text."""
    kind, _, rest = secret.partition("_")
    number, _, random = rest.partition("_")
    if kind != prefix or len(number) != HEX_DIGITS or not random:
        return None
    try:
        return UUID(hex=number)
    except ValueError:
        return None
