"""Calling a receiver over HTTP: the address that was checked and no other, and nobody is waited for longer than some seconds."""

import http.client
import logging
import socket
import ssl
import threading
from dataclasses import dataclass

from notices.public_addresses import Target

log = logging.getLogger(__name__)

ANSWER, WHOLE = 5.0, 10.0
"""Seconds for connecting and for each answer of the receiver, and for all that comes after connecting: a receiver that drips
its answer holds nobody up."""
LONGEST = WHOLE + ANSWER
"""Seconds that a call takes at most, once the name server has answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said: an HTTP status, or none and why; `unknown` where it may have taken the message."""

    status: int | None
    words: str
    unknown: bool = False

    @property
    def taken(self) -> bool:
        """Whether it has the message."""
        return self.status is not None and 200 <= self.status < 300


def call(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    """POST to the address that was looked at; never raises for what the receiver does."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=ANSWER)
    sent = False
    watch: threading.Timer | None = None
    try:
        # The address that was checked, and no other that the name may lead to by now.
        sock = connection.sock = socket.create_connection((target.address, target.port), ANSWER)
        if target.tls:
            # Wrapping takes the connection away from the socket that was there: the watch holds the one that has it.
            sock = connection.sock = ssl.create_default_context().wrap_socket(
                sock, server_hostname=target.host, do_handshake_on_connect=False
            )
        watch = threading.Timer(WHOLE, _cut, [sock])
        watch.daemon = True
        watch.start()
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        sent = True
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, f"{answer.status} {answer.reason}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, f"{type(error).__name__}: {error}", unknown=sent)
    finally:
        if watch:
            watch.cancel()
        connection.close()


def _cut(sock: socket.socket) -> None:
    try:
        # Of the plain socket: that of TLS would throw away what the other thread is reading with.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        log.debug("the connection was over already")
