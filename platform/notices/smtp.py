"""Handing messages to a mail server with as few waits as it allows, and remembering its answer.

The answer to a message holds the provider's own id, which later reports name.

A message takes four waits: for the answers to MAIL, RCPT, DATA and the text. A server that offers PIPELINING (RFC 2920) takes the
first three commands at once, which halves the waits: what counts on a far server, and spares both sides work on a near one.
"""

import re
import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from notices.written import WrittenMessage

OK, WILL_FORWARD, GO_ON, CLOSING = 250, 251, 354, 421
PLAIN = re.compile(r"[A-Za-z0-9._%+=-]+@[A-Za-z0-9.-]+")
"""An address that needs no parser: reading one as a header may hold it was a twelfth of handing a message over."""
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class PipelinedSMTP(smtplib.SMTP):
    """Sends the commands before a message together, where the server offers it; keeps the last answer to a message."""

    last_answer = ""

    def sendmail(
        self,
        from_addr: str,
        to_addrs: str | Sequence[str],
        msg: Any,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> dict[str, tuple[int, bytes]]:
        """Send a message; raise what `smtplib` raises, with the server's words."""
        self.ehlo_or_helo_if_needed()
        to = [to_addrs] if isinstance(to_addrs, str) else list(to_addrs)
        simple = isinstance(msg, bytes) and len(to) == 1 and not (mail_options or rcpt_options)
        if not (simple and self.has_extn("pipelining")):
            return super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)
        size = f" size={len(msg)}" if self.has_extn("size") else ""
        commands = [f"MAIL FROM:{_quoted(from_addr)}{size}", f"RCPT TO:{_quoted(to[0])}", "DATA"]
        self.send("\r\n".join([*commands, ""]))
        mail = self.getreply()
        if mail[0] == CLOSING:
            self.close()
            raise smtplib.SMTPSenderRefused(*mail, from_addr)
        rcpt, data = self.getreply(), self.getreply()
        taken = mail[0] == OK and rcpt[0] in (OK, WILL_FORWARD)
        # A server that goes on although it refused is given nothing but the end of the text (RFC 2920, 3.1).
        last = self.text(msg if taken else b"") if data[0] == GO_ON else data
        if mail[0] != OK:
            raise smtplib.SMTPSenderRefused(*mail, from_addr)
        if not taken:
            raise smtplib.SMTPRecipientsRefused({to[0]: rcpt})
        if last[0] != OK:
            raise smtplib.SMTPDataError(*last)
        return {}

    def text(self, content: bytes) -> tuple[int, bytes]:
        """Send the text, whose lines end in CRLF, and its end; return the server's answer."""
        quoted = LEADING_DOT.sub(b"..", content) if content.startswith(b".") or b"\n." in content else content
        if quoted and not quoted.endswith(b"\r\n"):
            quoted += b"\r\n"
        self.send(quoted + b".\r\n")
        return self._remember(*self.getreply())

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a message to a server that takes one command at a time."""
        return self._remember(*super().data(msg))

    def _remember(self, code: int, words: bytes) -> tuple[int, bytes]:
        self.last_answer = f"{code} {words.decode(errors='replace')}"
        return code, words


def _octets(message: EmailMessage) -> bytes:
    if isinstance(message, WrittenMessage) and message.octets:
        return message.octets
    text: Any = message.message()  # Django's own classes take the line's end
    return bytes(text.as_bytes(linesep="\r\n"))


def _quoted(address: str) -> str:
    return f"<{address}>" if PLAIN.fullmatch(address) else smtplib.quoteaddr(address)


class PipelinedTLS(PipelinedSMTP, smtplib.SMTP_SSL):
    """The same inside TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """Django's backend over such a connection."""

    def _send(self, email_message: EmailMessage) -> bool:
        """Hand a message over; what is not plain goes the library's way."""
        to = email_message.recipients()
        if (
            self.fail_silently
            or len(to) != 1
            or not (PLAIN.fullmatch(to[0]) and PLAIN.fullmatch(email_message.from_email))
        ):
            return bool(super()._send(email_message))  # type: ignore[misc] # the stubs leave it out
        assert self.connection
        self.connection.sendmail(email_message.from_email, to, _octets(email_message))
        return True

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the class of the connection."""
        return PipelinedTLS if self.use_ssl else PipelinedSMTP

    @property
    def last_answer(self) -> str:
        """The server's answer to the message sent last."""
        return getattr(self.connection, "last_answer", "")
