"""Where letters outside the engine of reminders come back to: invitations, mails of sign-in, codes, confirmations.

Each leaves with an envelope sender of its own, `l.<what it is>@RETURN_DOMAIN`. Its proof covers the address that it went to: a report
about a letter to an address that the person no longer has proves nothing about the one they have.
"""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Invitation, Seat, User
from tenancy.models import Organization
from tenancy.scope import person_scope, scope

LOCAL = re.compile(r"l\.([a-z2-7]{61})", re.IGNORECASE)
PROOF = 5
"""Bytes: what is left of 64 characters beside two ids."""
NOBODYS = UUID(int=0)
"""In the place of the organization: a letter of sign-in belongs to none."""


class Kind(IntEnum):
    """Whom a letter was for."""

    INVITATION = 1
    PERSON = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """What an address says of the letter that carried it; it is believed only with the address that the letter went to."""

    organization_id: UUID
    subject: UUID
    """The invitation or the person."""
    kind: int
    proof: str

    def proves(self, address: str) -> bool:
        """Whether the letter went to this address and was ours."""
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return any(constant_time_compare(self.proof, _proof(self, address, key)) for key in keys)


def returnable(message: EmailMessage, kind: Kind, subject: UUID, organization_id: UUID = NOBODYS) -> None:
    """Let a message to one address come back to us; the author stays who it was."""
    if settings.RETURN_DOMAIN and len(message.to) == 1:
        letter = Letter(organization_id, subject, kind, "")
        raw = _raw(letter) + bytes.fromhex(_proof(letter, message.to[0], settings.SECRET_KEY))
        local = base64.b32encode(raw).decode().rstrip("=").lower()
        message.extra_headers.setdefault("From", message.from_email)
        message.from_email = f"l.{local}@{settings.RETURN_DOMAIN}"


def read(address: str) -> Letter | None:
    """Return what an address of a letter says; None for any other address."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    match = LOCAL.fullmatch(local)
    if match is None or not settings.RETURN_DOMAIN or domain.casefold() != settings.RETURN_DOMAIN.casefold():
        return None
    try:
        raw = base64.b32decode(f"{match[1].upper()}===")
    except binascii.Error:
        return None
    return Letter(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32], raw[-PROOF:].hex())


def take_invitation(letter: Letter, words: str) -> bool:
    """Write down that an invitation came back; return whether that was new."""
    if not Organization.objects.filter(pk=letter.organization_id).exists():
        return False
    with scope(letter.organization_id):
        found = Invitation.objects.filter(pk=letter.subject).first()
        return found is not None and letter.proves(found.email) and found.come_back(words)


def person_of(letter: Letter) -> tuple[User | None, Collection[UUID]]:
    """Return whom a letter was for and in which organizations that counts; nobody where it proves nothing."""
    user = User.objects.filter(pk=letter.subject).first()
    if user is None or not letter.proves(user.email):
        return None, ()
    if letter.organization_id != NOBODYS:
        known = Organization.objects.filter(pk=letter.organization_id).exists()
        return user, [letter.organization_id] if known else []
    with person_scope(user.pk):
        return user, [seat.organization_id for seat in Seat.of(user.pk)]


def holder_of(address: str) -> UUID | None:
    """Return the person who signs in with an address, for letters that only know that."""
    found: UUID | None = User.objects.filter(email__iexact=address).values_list("pk", flat=True).first()
    return found or EmailAddress.objects.filter(email__iexact=address).values_list("user_id", flat=True).first()


def _raw(letter: Letter) -> bytes:
    return letter.organization_id.bytes + letter.subject.bytes + bytes([letter.kind])


def _proof(letter: Letter, address: str, key: str) -> str:
    told = f"{_raw(letter).hex()} {address.strip().casefold()}"
    return salted_hmac("accounts.letters", told, key, algorithm="sha256").digest()[:PROOF].hex()
