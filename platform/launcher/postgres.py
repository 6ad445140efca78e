"""The embedded PostgreSQL: a data folder, a private socket, and a foreground server."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from launcher.account import Account
from launcher.program import Program, leashed
from launcher.terminal import LauncherError
from launcher.warden import birth
from launcher.wheels import postgres_programs

DATABASE = "causeway"
SUPERUSER = "postgres"
READY_LINE = 7  # of postmaster.pid, counted from 0: the server's state

# Tests throw their data away: durability would only cost them time.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Postgres:
    """A server that can be started, and how to reach it."""

    program: Program
    socket_folder: Path
    version: str
    programs: Path
    """The folder of pg_dump and the rest."""

    def url(self, user: str, database: str = DATABASE) -> str:
        """The address of a database here for a role; no password, the socket's folder is closed to others."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder))}"


def prepare(*, folder: Path, sockets: Path, log: Path, account: Account | None, throwaway: bool = False) -> Postgres:
    """Make the data folder where there is none, named by major version, and say how to run the server on it."""
    programs = postgres_programs(account)
    version = _version(programs / "postgres")
    data = folder / f"postgres-{version.split('.')[0]}"
    environment = _environment()
    if not (data / "PG_VERSION").exists():
        _make_data_folder(programs, data, account, environment)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0777",  # the folder around it is closed
        "timezone": "UTC",
        "log_timezone": "UTC",
        "max_locks_per_transaction": "512",  # a look over six years of months locks each of them and its indexes
        **(THROWAWAY if throwaway else {}),
    }
    arguments: list[str | Path] = [programs / "postgres", "-D", data]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    program = Program(
        name="PostgreSQL",
        arguments=arguments,
        log=log,
        environment=environment,
        account=account,
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, nothing is lost
        grace_seconds=20.0,
        before_start=lambda: clear_stale_lock(data),
        is_ready=_readiness(data),
        is_server=True,
        folder=Path("/"),
    )
    return Postgres(program=program, socket_folder=sockets, version=version, programs=programs)


def clear_stale_lock(data: Path, patience_seconds: float = 15.0) -> None:
    """Remove the lock file of a server that is gone, a zombie, or somebody else's process; end one of ours left over.

    The caller holds the instance's lock, so a living server on this folder is left from a launcher that was killed.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        lock.unlink(missing_ok=True)
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not _serves(pid, data):
            break
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + patience_seconds
        while _serves(pid, data) and time.monotonic() < deadline:
            time.sleep(0.05)
    lock.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Whether this process lives and is a server on this data folder. A zombie, which PostgreSQL takes for alive, is not."""
    if birth(pid) is None:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        shown = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        command = shown.stdout
    return str(data) in command


def _readiness(data: Path) -> Callable[[], bool]:
    def is_ready() -> bool:
        try:
            return (data / "postmaster.pid").read_text().splitlines()[READY_LINE].strip() == "ready"
        except (OSError, IndexError):
            return False

    return is_ready


def _version(server: Path) -> str:
    try:
        told = subprocess.run(
            [server, "--version"], capture_output=True, text=True, check=True, env=_environment()
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LauncherError(f"The PostgreSQL program {server} does not run here: {error}") from error
    found = re.search(r"\d+(\.\d+)*", told)
    if found is None:
        raise LauncherError(f"The PostgreSQL program {server} does not tell its version: {told!r}")
    return found.group()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _make_data_folder(programs: Path, data: Path, account: Account | None, environment: dict[str, str]) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if account is not None:
        account.owns(data)
    command: list[str | Path] = [
        programs / "initdb", "-D", data, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
        "--data-checksums", "--no-instructions",
    ]  # fmt: skip
    made = subprocess.run(
        leashed(command, signal.SIGTERM, account), cwd="/", env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise LauncherError(f"PostgreSQL's data folder {data} could not be made:\n{made.stderr.strip()}")
