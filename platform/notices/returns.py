"""Where our messages come back to, and what is done with what comes back.

Each message leaves with an envelope sender of its own, `b.<what it is>@REPLY_DOMAIN`, signed with the installation's key:
whoever reports about a message must have got it, and can say nothing about any other.
"""

import base64
import binascii
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import letters
from accounts.letters import Letter
from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from notices import addresses, audit, reports
from notices.models import MessageEvent, Reminder, Suppression
from notices.models.message_event import OWN, SMTP, Outcome, without_addresses
from notices.models.reminder import State
from notices.models.suppression import DIGEST, EVERYTHING
from tenancy.models import Organization
from tenancy.scope import current, scope

log = logging.getLogger(__name__)

RETURNS = Actor.system("mail returns")
COMPLAINTS = "complaints"
"""The local part that a mailbox provider's feedback loop writes to."""
HEADER = "X-Return"
"""The local part of the envelope sender once more: a feedback loop sends our message back without its envelope."""
LARGEST = 1024 * 1024
SOFT_BOUNCES = 5
SOFT_WITHIN = timedelta(days=30)
PROOF = 5
"""Bytes of the proof: what fits into a local part of 64 characters. The message's own id is no less secret."""
LOCAL = re.compile(r"b\.([a-z2-7]{61})", re.IGNORECASE)
MESSAGE_ID = re.compile(r"<?([0-9a-f]{32})\.(\d{1,3})\.([0-9a-f]{32})@([\w.-]+)>?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message: the message, how often it was sent again before, and whose it is."""

    message: UUID
    resends: int
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody says about a copy."""

    outcome: Outcome
    source: str
    words: str = ""
    provider_id: str = ""
    recipient: str = ""
    """Whom it was for, where the report says so reliably; "" asks nothing."""


def return_path(copy: Copy) -> str:
    """Return the envelope sender of a copy; "" where the installation takes no returns."""
    if not settings.RETURN_DOMAIN:
        return ""
    raw = copy.organization_id.bytes + copy.message.bytes + bytes([copy.resends % 256])
    text = base64.b32encode(raw + _proof(raw, settings.SECRET_KEY)).decode().rstrip("=").lower()
    return f"b.{text}@{settings.RETURN_DOMAIN}"


def read_return_path(address: str) -> Copy | None:
    """Return the copy that an address belongs to; None for one that we never gave out."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    match = LOCAL.fullmatch(local)
    if match is None or domain.casefold() != settings.RETURN_DOMAIN.casefold():
        return None
    try:
        raw = base64.b32decode(f"{match[1].upper()}===")
    except binascii.Error:
        return None
    told, proof = raw[:-PROOF], raw[-PROOF:]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)  # mail takes days to come back
    if not any(constant_time_compare(proof.hex(), _proof(told, key).hex()) for key in keys):
        return None
    return Copy(UUID(bytes=told[16:32]), told[32], UUID(bytes=told[:16]))


def read_return_header(text: str) -> Copy | None:
    """Return the copy that our header in it names."""
    return read_return_path(f"{text.strip()}@{settings.RETURN_DOMAIN}")


def read_message_id(text: str) -> Copy | None:
    """Return the copy that a Message-ID names; None for one of another sender. It proves nothing by itself."""
    match = MESSAGE_ID.fullmatch(text.strip())
    if match is None or match[4].casefold() != settings.MESSAGE_ID_DOMAIN.casefold():
        return None
    return Copy(UUID(match[1]), int(match[2]), UUID(match[3]))


def is_ours(address: str) -> bool:
    """Whether mail to this address is a report about our mail."""
    return _is_complaints(address) or read_return_path(address) is not None or letters.read(address) is not None


def take(address: str, content: bytes) -> str:
    """Take a report that arrived at one of our addresses; return the answer to the server that brought it.

    Nothing is ever answered by mail, so no loop can form. What is no report is dropped.
    """
    if len(content) > LARGEST:
        return "552 5.3.4 Too large for a report"
    message = message_from_bytes(content, policy=policy.compat32)
    report = reports.read(message)
    if report is None:
        return "250 2.0.0 Dropped: no report"
    if letter := letters.read(address):
        return "250 2.0.0 Noted" if _take_letter(letter, report) else "250 2.0.0 Nothing new"
    copy = read_return_path(address) or read_return_header(report.header(HEADER))
    named = report.header("Message-ID")
    if copy is None or (named and read_message_id(named) not in (copy, None)):
        log.warning("a report about a message that is not ours was dropped")
        return "250 2.0.0 Dropped: not about a message of ours"
    noted = hear(copy, Heard(report.outcome, report.source, report.words))
    return "250 2.0.0 Noted" if noted else "250 2.0.0 Nothing new"


def _take_letter(letter: Letter, report: reports.Report) -> bool:
    """Take what came back about an invitation, a mail of sign-in or a code; return whether it changed anything."""
    words = without_addresses(report.words)
    if report.outcome not in (Outcome.BOUNCED, Outcome.SOFT_BOUNCED):
        return False
    if letter.kind == letters.Kind.INVITATION:
        return letters.take_invitation(letter, words)
    if report.outcome != Outcome.BOUNCED or letter.kind != letters.Kind.PERSON:
        return False
    person, organizations = letters.person_of(letter)
    new = False
    for organization_id in organizations:
        with scope(organization_id):
            assert person
            begun = Suppression.begin(
                person, person.email, EVERYTHING, Suppression.Cause.BOUNCED,
                words=words, message=letter.subject, by=RETURNS,
            )  # fmt: skip
            if begun:
                addresses.tell_administrators(begun)
                new = True
    return new


def hear(copy: Copy, heard: Heard) -> bool:
    """Write down what was said about a copy that was really sent, once; return whether it was new."""
    if not Organization.objects.filter(pk=copy.organization_id).exists():
        return False
    with scope(copy.organization_id):
        rows = list(
            Reminder.objects.in_message(copy.message)
            .select_related("recipient")
            .order_by("pk")
            .select_for_update(no_key=True, of=("self",))
        )
        if not rows or copy.resends > rows[0].resends or not rows[0].attempt:
            return False
        sent_to = rows[0].sent_to or rows[0].recipient.email
        if heard.recipient and heard.recipient.strip().casefold() != sent_to.casefold():
            return False
        if heard.source != SMTP and not _write(copy, heard):
            return False
        follow(rows, sent_to, copy.resends, heard)
    return True


def follow(rows: Sequence[Reminder], sent_to: str, resends: int, heard: Heard) -> None:
    """Do what follows from a word about a message; needs the organization's scope."""
    first, words = rows[0], without_addresses(heard.words)
    came_back = heard.outcome in (Outcome.BOUNCED, Outcome.SOFT_BOUNCED)
    if came_back and resends == first.resends:
        sent = [row.pk for row in rows if row.state == State.SENT]
        changed = Reminder.objects.filter(pk__in=sent).update(
            state=State.FAILED, last_error=f"Came back: {words}"[:300]
        )
        if changed:
            record(audit.REMINDER_FAILED, by=RETURNS, subject=first, message_id=first.message_id, reason=words)
    person, cause, kind = first.recipient, Suppression.Cause.BOUNCED, EVERYTHING
    if heard.outcome == Outcome.COMPLAINED:
        cause, kind = Suppression.Cause.COMPLAINED, first.kind if first.apart else DIGEST
    elif heard.outcome == Outcome.SOFT_BOUNCED and _soft_bounces(person) >= SOFT_BOUNCES:
        cause = Suppression.Cause.MAILBOX
    elif heard.outcome != Outcome.BOUNCED:
        return
    assert first.message
    begun = Suppression.begin(person, sent_to, kind, cause, words=words, message=first.message, by=RETURNS)
    if begun:
        addresses.tell_administrators(begun)


def refused(rows: Sequence[Reminder], words: str) -> None:
    """Our own mail server refused a message for good while we handed it over; needs the organization's scope."""
    outcome = reports.outcome_of("failed", "", words)
    follow(rows, rows[0].recipient.email, rows[0].resends, Heard(outcome, SMTP, words))


def _write(copy: Copy, heard: Heard) -> bool:
    held = {"message": copy.message, "resends": copy.resends, "outcome": heard.outcome}
    if MessageEvent.objects.filter(**held).exclude(source__in=OWN).exists():
        return False  # the rows of the message are locked: nobody else writes it meanwhile
    MessageEvent(
        organization_id=current().organization_id,
        source=heard.source,
        words=without_addresses(heard.words),
        provider_id=heard.provider_id[:120],
        **held,
    ).save(force_insert=True)
    return True


def _soft_bounces(person: User) -> int:
    since = timezone.now() - SOFT_WITHIN
    lifted = Suppression.objects.filter(user=person, lifted_at__isnull=False).order_by("-lifted_at").first()
    if lifted and lifted.lifted_at and lifted.lifted_at > since:
        since = lifted.lifted_at
    theirs = Reminder.objects.filter(recipient=person, due_at__gt=since - SOFT_WITHIN, message__isnull=False)
    events = MessageEvent.objects.filter(
        outcome=Outcome.SOFT_BOUNCED, at__gt=since, message__in=theirs.values("message")
    )
    return int(events.count())


def _is_complaints(address: str) -> bool:
    local, _, domain = address.strip().strip("<>").rpartition("@")
    return bool(settings.RETURN_DOMAIN) and (local.casefold(), domain.casefold()) == (
        COMPLAINTS,
        settings.RETURN_DOMAIN.casefold(),
    )


def _proof(raw: bytes, key: str) -> bytes:
    return salted_hmac("notices.return_path", raw.hex(), key, algorithm="sha256").digest()[:PROOF]
