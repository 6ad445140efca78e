"""The embedded Valkey: an append-only store behind a private socket."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from launcher.account import Account
from launcher.program import Program
from launcher.wheels import valkey_program

SOCKET = "valkey.sock"


@dataclass(frozen=True)
class Valkey:
    """A server that can be started, and how to reach it."""

    program: Program
    socket_path: Path

    def url(self) -> str:
        """The address as redis-py writes it; the settings turn it into Celery's spelling."""
        return f"unix://{quote(str(self.socket_path))}"


def prepare(
    *,
    folder: Path,
    sockets: Path,
    log: Path,
    account: Account | None,
    environment: dict[str, str],
    throwaway: bool = False,
) -> Valkey:
    """Make the data folder where there is none, and say how to run the server on it."""
    data = folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        account.owns(data)
    path = sockets / SOCKET
    arguments: list[str | Path] = [
        valkey_program(account), "--port", "0", "--unixsocket", path, "--unixsocketperm", "700", "--dir", data,
        "--appendonly", "no" if throwaway else "yes", "--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no",
    ]  # fmt: skip
    program = Program(
        name="Valkey",
        arguments=arguments,
        log=log,
        environment=environment,
        account=account,
        before_start=lambda: path.unlink(missing_ok=True),
        is_ready=_readiness(path),
        is_server=True,
        folder=Path("/"),
    )
    return Valkey(program=program, socket_path=path)


def _readiness(path: Path) -> Callable[[], bool]:
    def is_ready() -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    return is_ready
