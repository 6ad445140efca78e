"""Handing a message to the mail server, and asking the server afterwards whether it took one."""

import hashlib
import smtplib
from enum import Enum
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.module_loading import import_string

from notices.fault_points import reach

SMTP_TIMEOUT = 6
"""Seconds for one answer of the server; well inside the lease of a message (`notices.claim`)."""


class Acceptance(Protocol):
    """Knows which Message-IDs the mail server accepted."""

    can_ask: bool

    def accepted(self, message_id: str) -> bool | None:
        """Whether a message of this id was accepted; None where that cannot be known."""


class CannotAsk:
    """Any ordinary mail server: what became of an interrupted message is not known, so it is sent again and flagged."""

    can_ask = False

    def accepted(self, message_id: str) -> bool | None:
        """Not known."""
        return None


class LocalSink:
    """The sink of `bin/run`: it writes each accepted id as a file before it answers."""

    can_ask = True

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or settings.STATE_DIR / "mailbox") / "by-id"

    def accepted(self, message_id: str) -> bool | None:
        """Whether the sink kept it; None if there is no sink's folder here."""
        if not self.folder.is_dir():
            return None
        return (self.folder / hashlib.sha256(message_id.encode()).hexdigest()).exists()


def acceptance() -> Acceptance:
    """Return the way to ask this installation's mail server (the setting MAIL_ACCEPTANCE)."""
    found: Acceptance = import_string(settings.MAIL_ACCEPTANCE)()
    return found


class Outcome(Enum):
    """What became of one try to send."""

    ACCEPTED = "accepted"
    NOT_NOW = "not now"
    """The server refused it for now (4xx)."""
    REFUSED = "refused"
    """The server refused it for good (5xx)."""
    UNREACHED = "unreached"
    """There was no server to give it to; nothing was sent."""
    UNKNOWN = "unknown"
    """The connection ended before the server's answer: it may have been accepted."""


class Postman:
    """One connection to the mail server for many messages, opened when first needed and again after trouble."""

    def __init__(self) -> None:
        self._connection = get_connection(timeout=SMTP_TIMEOUT)
        self._open = False

    def send(self, message: EmailMultiAlternatives) -> tuple[Outcome, str]:
        """Hand the message over; return what became of it and the server's words."""
        if not self._open:
            try:
                self._connection.open()
                self._open = True
            except (OSError, smtplib.SMTPException) as error:
                self.close()
                return Outcome.UNREACHED, _words(error)
        try:
            self._connection.send_messages([message])
            reach("after-250")
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            code, text = next(iter(error.recipients.values()))
            return _refusal(code), f"{code} {_text(text)}"
        except smtplib.SMTPResponseException as error:
            self.close()
            if not 400 <= error.smtp_code < 600:
                return Outcome.UNKNOWN, _words(error)
            return _refusal(error.smtp_code), f"{error.smtp_code} {_text(error.smtp_error)}"
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome.UNKNOWN, _words(error)
        return Outcome.ACCEPTED, str(getattr(self._connection, "last_answer", ""))

    def close(self) -> None:
        """End the connection, also one that is broken."""
        self._open = False
        try:
            self._connection.close()
        except (OSError, smtplib.SMTPException):
            self._connection = get_connection(timeout=SMTP_TIMEOUT)


def _refusal(code: int) -> Outcome:
    return Outcome.REFUSED if code >= 500 else Outcome.NOT_NOW


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
