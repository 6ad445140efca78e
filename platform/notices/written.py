"""How a message is written down for the mail server: byte for byte as the standard library would, without its detours.

Building a tree of parts and flattening it again was a quarter of what sending a message costs. A message of ours is always
the same: a text, the same as HTML, and headers that nearly all are one short line of ASCII. What is different in any way is
left to the library.
"""

import hashlib
import re
from email.policy import Compat32
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers

LONGEST_HEADER = 76
LONGEST_LINE = 998
"""Bytes of a line (RFC 5322, 2.1.1); a longer one has to be encoded."""
UTF_8 = "utf-8"
LINE_END = re.compile("\r\n|\r|\n")
HEADERS_OF_PARTS = (
    b'Content-Type: text/%b; charset="utf-8"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: %b\r\n\r\n'
)


def _is_plain(name: str, value: Any) -> bool:
    return (
        isinstance(value, str) and value.isascii() and value.isprintable() and len(name) + len(value) < LONGEST_HEADER
    )


class _Plain(Compat32):
    """Writes a header of one short ASCII line as it stands; folding one that needs none costs much."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the header's bytes."""
        if _is_plain(name, value):
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


_FOLDING = _Plain(linesep="\r\n")


class WrittenMessage(EmailMultiAlternatives):
    """A message whose parts are divided by its own id.

    The standard library makes up a boundary and looks whether a part contains it. A hash of the id is in no part.
    """

    octets = b""
    """The message as the mail server gets it, its lines ended by CRLF; empty before it is written."""

    @property
    def boundary(self) -> str:
        """What stands between the parts."""
        return hashlib.sha256(str(self.extra_headers["Message-ID"]).encode()).hexdigest()[:40]

    def message(self) -> Any:  # type: ignore[override] # the stubs know one of several classes
        """Return the message as a tree of parts."""
        made = super().message()
        made.policy = _Plain()
        made.set_boundary(self.boundary)
        return made

    def write(self) -> "WrittenMessage":
        """Write the message down, in the very bytes of `message()`; raise here, and not while it is sent, where it cannot be."""
        self.octets = self._written()
        return self

    def _written(self) -> bytes:
        parts = self._parts()
        if parts is None:
            return bytes(self.message().as_bytes(linesep="\r\n"))
        division = f"--{self.boundary}".encode()
        return b"".join(
            (
                f'Content-Type: multipart/alternative;\r\n boundary="{self.boundary}"\r\nMIME-Version: 1.0\r\n'.encode(),
                *(_header(name, value) for name, value in self._headers()),
                b"\r\n", division, b"\r\n", parts[0], b"\r\n", division, b"\r\n", parts[1], b"\r\n", division, b"--\r\n",
            )
        )  # fmt: skip

    def _headers(self) -> list[tuple[str, str]]:
        """The headers in the order of the library, which puts some of its own before ours."""
        first = [("Subject", self.subject), ("From", self.extra_headers.get("From", self.from_email))]
        first += [
            (name, ", ".join(values)) for name, values in (("To", self.to), ("Reply-To", self.reply_to)) if values
        ]
        return first + [(name, value) for name, value in self.extra_headers.items() if name != "From"]

    def _parts(self) -> tuple[bytes, bytes] | None:
        """The two parts; None where something is unlike what we send."""
        alternatives: list[Any] = self.alternatives
        if self.attachments or self.cc or not self.body or len(alternatives) != 1:
            return None
        [(content, kind)] = alternatives
        if kind != "text/html" or "Message-ID" not in self.extra_headers or "Date" not in self.extra_headers:
            return None
        text, html = _part(b"plain", str(self.body)), _part(b"html", str(content))
        return (text, html) if text and html else None


def _header(name: str, value: Any) -> bytes:
    if _is_plain(name, value):
        return f"{name}: {value}\r\n".encode()
    return _FOLDING.fold_binary(*forbid_multi_line_headers(name, value, UTF_8))


def _part(kind: bytes, text: str) -> bytes:
    """A part of the message; nothing where a line of it is too long."""
    content = (LINE_END.sub("\n", text) if "\r" in text else text).encode()
    if max(map(len, content.split(b"\n"))) > LONGEST_LINE:
        return b""
    encoding = b"7bit" if content.isascii() else b"8bit"
    return HEADERS_OF_PARTS % (kind, encoding) + content.replace(b"\n", b"\r\n")
