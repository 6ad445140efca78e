"""SMTP that dies in the middle of a message when the fault command says so."""

import smtplib

from notices import smtp
from notices.fault_points import armed, die


class Mortal(smtp.PipelinedSMTP):
    """Sends half of the message and is gone, at the point `in-data`."""

    def text(self, content: bytes) -> tuple[int, bytes]:
        """Send a message, or half of one."""
        if armed("in-data"):
            self.send(content[: len(content) // 2])
            die()
        return super().text(content)


class EmailBackend(smtp.EmailBackend):
    """The product's backend over such a connection."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the class of the connection."""
        return Mortal
