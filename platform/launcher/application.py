"""Causeway's own four programs: web, worker, beat, and the one that takes answers by mail."""

import http.client
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from launcher.instance import Instance
from launcher.program import Program
from launcher.terminal import LauncherError

WEB_PROCESSES, WEB_THREADS, WORKER_PROCESSES = 2, 4, 2
REPLIES_ABOVE = 1000
"""The port for answers by mail lies this much above the web's, or below it where there is no more room."""


def programs(instance: Instance) -> list[Program]:
    """The programs of an instance whose environment is complete."""
    port = instance.port
    web: list[str | Path] = ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--no-control-socket"]
    web += ["--preload"]  # loaded once and forked: half the work of a start, and one copy of the code in memory
    web += ["--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS), "--graceful-timeout", "5"]
    web += [part for address in addresses(port) for part in ("--bind", address)]
    worker: list[str | Path] = ["celery", "-A", "config", "worker", "--concurrency", str(WORKER_PROCESSES)]
    worker += ["--loglevel", "INFO", "--hostname", f"causeway-{port}@%h", "--without-gossip", "--without-mingle"]
    beat: list[str | Path] = ["celery", "-A", "config", "beat", "--loglevel", "INFO"]
    beat += ["--schedule", instance.folder / "beat"]
    replies: list[str | Path] = ["django", "receive_replies", "--listen", f"127.0.0.1:{replies_port(port)}"]
    return [
        _program(instance, "web", web, _readiness(port)),
        _program(instance, "worker", worker),
        _program(instance, "beat", beat),
        _program(instance, "replies", replies),
    ]


def replies_port(port: int) -> int:
    """Where this machine's answers by mail are taken."""
    return port + REPLIES_ABOVE if port + REPLIES_ABOVE <= 65535 else port - REPLIES_ABOVE


def addresses(port: int) -> list[str]:
    """Where to listen: this machine only, on both of the addresses a browser may take `localhost` for."""
    found = [f"127.0.0.1:{port}"]
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            found.append(f"[::1]:{port}")
    except OSError:
        pass
    return found


def ensure_free(port: int) -> None:
    """Refuse a port that another program listens on, before anything is started."""
    try:
        with socket.create_server(("127.0.0.1", port)):
            return
    except OSError as error:
        raise LauncherError(
            f"Port {port} cannot be used ({os.strerror(error.errno or 0)}). Choose another one: bin/run --port PORT"
        ) from error


def _program(
    instance: Instance, name: str, command: list[str | Path], is_ready: Callable[[], bool] | None = None
) -> Program:
    return Program(
        name=name,
        arguments=[sys.executable, "-m", *command],
        log=instance.logs / f"{name}.log",
        environment=instance.environment,
        is_ready=is_ready,
    )


def _readiness(port: int) -> Callable[[], bool]:
    def is_ready() -> bool:
        """Whether a worker process answers at all; what it answers is the business of the page asked for."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/livez", headers={"Host": f"localhost:{port}"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    return is_ready
