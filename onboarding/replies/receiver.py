"""The process that takes answers: a small SMTP server that speaks to one domain and asks before it accepts."""

import asyncio
import logging
import socket
from typing import Any, ClassVar

from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from onboarding.replies.doors import knows, take
from onboarding.replies.taking import Refused

log = logging.getLogger(__name__)

LARGEST = 10 * 1024 * 1024
"""Bytes of a message, files included: they are not kept, but a person who sends one should hear so."""
MOST_RECIPIENTS = 5
LAST_WORDS = 8.0
"""Seconds that a message in hand has left when the process is told to stop: less than an engine waits before it kills."""
AGAIN = "451 4.3.0 Not now, try again"


class Receiver:
    """What aiosmtpd asks for each message. Everything that touches the database runs in a thread of its own."""

    async def handle_RCPT(  # noqa: N802 - its name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient who may answer; everybody else gets the same refusal."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        answer = await sync_to_async(_asked, thread_sensitive=False)(knows, address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take the message for each recipient; it is accepted once it is written down."""
        content = envelope.original_content or b""
        answers = [
            await sync_to_async(_asked, thread_sensitive=False)(take, to, envelope.mail_from or "", content)
            for to in envelope.rcpt_tos
        ]
        taken = [answer for answer in answers if answer.startswith("2")]
        return taken[0] if taken else answers[0]


def _asked(question: Any, *arguments: Any) -> str:
    close_old_connections()
    try:
        return question(*arguments) or ""
    except Refused as refusal:
        log.info("not taken: %s", refusal)
        return str(refusal)
    except DatabaseError:
        log.exception("the database could not be asked")
        return AGAIN
    except Exception:
        log.exception("a message could not be taken")
        return "554 5.6.0 The message cannot be read" if question is take else AGAIN
    finally:
        close_old_connections()


class Connection(SMTP):
    """One sender's connection: a message counts as in hand from its first line until its answer is on the way."""

    standing: ClassVar[set["Connection"]] = set()
    in_hand: ClassVar[set["Connection"]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note it."""
        self.standing.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self.standing.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - its name
        """Take a message, known to whoever wants to stop."""
        self.in_hand.add(self)
        try:
            await super().smtp_DATA(arg)
        finally:
            self.in_hand.discard(self)


async def serve(listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve until told to stop; then let nobody in, and end when the messages in hand are answered, or after a while."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(
            Receiver(), hostname="causeway", ident="Causeway", data_size_limit=LARGEST, loop=loop, timeout=60
        ),
        sock=listener,
    )
    async with server:
        await stop.wait()
    until = loop.time() + LAST_WORDS
    while Connection.in_hand and loop.time() < until:
        await asyncio.sleep(0.05)
    for one in Connection.standing:
        if one.transport:
            one.transport.close()
    while Connection.standing and loop.time() < until + 1:
        await asyncio.sleep(0.01)
