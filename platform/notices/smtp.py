"""SMTP that remembers the server's answer to a message: it holds the provider's own id, which later reports name."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp


class Remembering(smtplib.SMTP):
    """Keeps the last answer to DATA."""

    last_answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a message."""
        code, words = super().data(msg)
        self.last_answer = f"{code} {words.decode(errors='replace')}"
        return code, words


class RememberingTLS(Remembering, smtplib.SMTP_SSL):
    """The same inside TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """Django's backend over such a connection."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the class of the connection."""
        return RememberingTLS if self.use_ssl else Remembering

    @property
    def last_answer(self) -> str:
        """The server's answer to the message sent last."""
        return getattr(self.connection, "last_answer", "")
