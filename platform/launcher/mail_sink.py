"""A local SMTP server that keeps every message in a Maildir and can be asked which Message-IDs it accepted.

    FOLDER/new/...                     the messages, readable by any Maildir program (FOLDER is CAUSEWAY_STATE/mailbox)
    FOLDER/by-id/<sha256 of the id>    one file for each accepted Message-ID, the same message (a hard link)
    FOLDER/faults.json                 optional, read again whenever it changes: {"mode": MODE, "every": N}

MODE spoils every Nth message: `refuse-for-now` (451), `refuse` (554), `hang` (no answer), `drop` (the connection ends
before the message is kept), `accept-then-drop` (kept, but the connection ends before the sender hears of it). What is kept already is answered: no answer twice to the
same message leaves any sender the choice between losing it and sending it a third time.

Run as `python -m launcher.mail_sink FOLDER DESCRIPTOR`; the descriptor is a listening socket made by the launcher, so that
the port stays the same and mail waits while the sink is started again.
"""

import asyncio
import hashlib
import itertools
import json
import os
import socket
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

FAULTS = "faults.json"
MODES = ("refuse-for-now", "refuse", "hang", "drop", "accept-then-drop")
LARGEST_MESSAGE = 25 * 1024 * 1024


def key(message_id: str) -> str:
    """The name under `by-id/` of a Message-ID, angle brackets included."""
    return hashlib.sha256(message_id.strip().encode()).hexdigest()


def message_id_of(content: bytes) -> str:
    """Return the Message-ID of a message, "" where it has none; only its headers are read, however long it is."""
    return str(BytesHeaderParser().parsebytes(content.partition(b"\r\n\r\n")[0]).get("Message-ID", ""))


class Mailbox:
    """The folder of accepted messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count(1)
        for name in ("tmp", "new", "cur", "by-id"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, content: bytes, sender: str | None, recipients: list[str]) -> bool:
        """Store one message; return whether it is the first of its id. The id is written first: an id found is a message kept."""
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._numbers)}.sink"
        draft = self.folder / "tmp" / name
        envelope = f"Return-Path: <{sender or ''}>\r\nDelivered-To: {', '.join(recipients)}\r\n"
        draft.write_bytes(envelope.encode() + content)
        first = True
        if message_id := message_id_of(content):
            try:
                (self.folder / "by-id" / key(str(message_id))).hardlink_to(draft)
            except FileExistsError:
                first = False  # a second copy stays in the Maildir, where it can be counted
        draft.rename(self.folder / "new" / name)
        return first

    def accepted(self, message_id: str) -> bool:
        """Whether a message of this id has been kept."""
        return (self.folder / "by-id" / key(message_id)).exists()


class Faults:
    """The faults asked for in `faults.json`; none where there is no such file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FAULTS
        self._changed = -1
        self._mode: str | None = None
        self._every = 1
        self._seen = 0

    def next(self) -> str | None:
        """The fault for the message at hand, or None. A file that says something else stops the message with an error."""
        try:
            changed = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            self._changed = -1
            return None
        if changed != self._changed:
            wanted = json.loads(self.path.read_text())
            if wanted.get("mode") not in MODES:
                raise ValueError(f"{self.path}: mode {wanted.get('mode')!r} is none of {', '.join(MODES)}")
            self._changed, self._mode, self._every, self._seen = changed, wanted["mode"], int(wanted.get("every", 1)), 0
        self._seen += 1
        return self._mode if self._seen % self._every == 0 else None


class Sink:
    """What aiosmtpd calls for each message."""

    def __init__(self, folder: Path) -> None:
        self.mailbox = Mailbox(folder)
        self.faults = Faults(folder)

    async def handle_EHLO(  # noqa: N802 - its name
        self, server: "SMTP", session: "Session", envelope: "Envelope", hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer what aiosmtpd can do but does not say: it reads commands one after the other, however they come."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", *responses[-1:]]

    async def handle_DATA(self, server: "SMTP", session: "Session", envelope: "Envelope") -> str:  # noqa: N802 - its name
        """Keep the message, or spoil it in the way asked for."""
        fault = self.faults.next()
        if fault == "refuse-for-now":
            return "451 4.3.0 Refused for now, as asked"
        if fault == "refuse":
            return "554 5.6.0 Refused, as asked"
        if fault == "hang":
            await asyncio.Event().wait()  # until the sender gives up and aiosmtpd cancels us
        if fault != "drop":
            content = envelope.original_content or b""
            first = self.mailbox.keep(content, envelope.mail_from, [str(address) for address in envelope.rcpt_tos])
            fault = fault if first else None
        if fault in ("drop", "accept-then-drop") and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 2.0.0 Kept"


async def serve(folder: Path, listener: socket.socket) -> None:
    """Serve until cancelled."""
    from aiosmtpd.smtp import SMTP

    sink = Sink(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            sink, hostname="localhost", ident="Causeway mail sink", data_size_limit=LARGEST_MESSAGE, loop=loop
        ),
        sock=listener,
    )
    async with server:
        await server.serve_forever()


def main(arguments: list[str]) -> None:
    """Serve on the socket handed down by the launcher."""
    folder, descriptor = arguments
    asyncio.run(serve(Path(folder), socket.socket(fileno=int(descriptor))))


if __name__ == "__main__":
    main(sys.argv[1:])
