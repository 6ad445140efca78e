"""SMTP that dies in the middle of a message when the fault command says so."""

import smtplib
from typing import Any

from notices import smtp
from notices.fault_points import armed, die


class Mortal(smtp.Remembering):
    """Sends half of the message and is gone, at the point `in-data`."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a message, or half of one."""
        if armed("in-data"):
            self.putcmd("data")
            self.getreply()
            whole = msg if isinstance(msg, bytes) else msg.encode("ascii")
            self.send(whole[: len(whole) // 2])
            die()
        return super().data(msg)


class EmailBackend(smtp.EmailBackend):
    """Our backend over such a connection."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return the class of the connection."""
        return Mortal
