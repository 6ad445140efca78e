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
"""Seconds for one answer of the receiver, and for all of a call: a receiver that drips its answer holds nobody up."""


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
        sock = socket.create_connection((target.address, target.port), ANSWER)
        watch = threading.Timer(WHOLE, _cut, [sock])
        watch.daemon = True
        watch.start()
        if target.tls:
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=target.host)
        connection.sock = sock
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
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        log.debug("the connection was over already")
