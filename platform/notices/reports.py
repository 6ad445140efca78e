"""Reading the reports of mail servers: delivery status (RFC 3464) and abuse feedback (RFC 5965)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from notices.models.message_event import Outcome

MOST_PARTS = 40
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
HARD = {"5.2.1", "5.4.4"}
"""Beside 5.1.x (no such mailbox, no such domain): the mailbox is switched off, there is no way to the domain."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says, and the headers of the message that it is about."""

    outcome: Outcome
    source: str
    words: str
    about: Message | None

    def header(self, name: str) -> str:
        """Return a header of the message that it is about, "" where there is none."""
        return str(self.about.get(name, "")) if self.about is not None else ""


def read(message: Message) -> Report | None:
    """Return what a message reports; None for one that is no report."""
    if message.get_content_type() != "multipart/report":
        return None
    about, status, feedback = None, None, None
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = part
        elif kind == "message/feedback-report":
            feedback = part
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            about = _returned(part) or about
    if feedback is not None:
        return _feedback(feedback, about)
    return None if status is None else _delivery(status, about)


def outcome_of(action: str, status: str, words: str) -> Outcome:
    """Return what a server's action, status and words come to.

    Only what says that there is no such mailbox or domain is final; a full mailbox, a size or a policy may pass.
    """
    if action in ("delivered", "relayed", "expanded"):
        return Outcome.DELIVERED
    if action == "delayed":
        return Outcome.DELAYED
    found = STATUS.search(status) or STATUS.search(words)
    code = found[0] if found else ""
    return Outcome.BOUNCED if code.startswith("5.1.") or code in HARD else Outcome.SOFT_BOUNCED


def _parts(message: Message) -> Iterator[Message]:
    payload = message.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload[:MOST_PARTS] if isinstance(part, Message))


def _delivery(part: Message, about: Message | None) -> Report | None:
    """Read the worst of what it says about its recipients: each copy of ours has one."""
    blocks = [block for block in _parts(part) if block.get("Action")]
    found = []
    for block in blocks:
        action, status = str(block["Action"]).strip().casefold(), str(block.get("Status", ""))
        words = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip() or status
        found.append((outcome_of(action, status, words), words))
    if not found:
        return None
    worst = min(found, key=lambda each: ORDER.index(each[0]))
    return Report(worst[0], "dsn", worst[1], about)


ORDER = [Outcome.BOUNCED, Outcome.SOFT_BOUNCED, Outcome.DELAYED, Outcome.DELIVERED]


def _feedback(part: Message, about: Message | None) -> Report | None:
    fields = next(_parts(part), None)
    if fields is None:  # some parsers leave it as text
        fields = HeaderParser().parsestr(str(part.get_payload()))
    kind = str(fields.get("Feedback-Type", "")).strip().casefold()
    if kind not in ("abuse", "fraud", "other"):
        return None  # "not-spam" takes a complaint back; "virus" and others are no wish of the reader
    return Report(Outcome.COMPLAINED, "arf", f"Feedback report: {kind}", about)


def _returned(part: Message) -> Message | None:
    if part.get_content_type() == "message/rfc822":
        return next(_parts(part), None)
    raw = part.get_payload(decode=True)
    return HeaderParser().parsestr(raw.decode(errors="replace")) if isinstance(raw, bytes) else None
