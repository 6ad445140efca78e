"""One running copy of Causeway: its folder, its lock, its servers and the environment its processes get."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher import postgres, valkey
from launcher.account import Account, for_servers, shelter
from launcher.places import STATE, source_path
from launcher.program import Program
from launcher.terminal import LauncherError

LONGEST_SOCKET_FOLDER = 70  # the system's limit is 107 bytes for the whole path of a socket
SOCKETS = "sockets"
DATABASE_VARIABLES = ("DATABASE_URL", "DATABASE_STEWARD_URL", "DATABASE_MIGRATOR_URL", "DATABASE_ADMIN_URL")


@dataclass
class Instance:
    """An instance by name; a `bin/run` instance is named by its port."""

    name: str
    port: int
    settings: str = "config.settings.dev"
    throwaway: bool = False
    folder: Path = field(init=False)
    account: Account | None = field(init=False, default=None)
    programs: list[Program] = field(init=False, default_factory=list)
    temporary_folders: list[Path] = field(init=False, default_factory=list)
    environment: dict[str, str] = field(init=False, default_factory=dict)
    _lock: int | None = field(init=False, default=None)
    _listener: socket.socket | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.folder = STATE / self.name

    @property
    def state(self) -> Path:
        """The folder of the application's own files: evidence, mailbox, keys."""
        return self.folder / "state"

    @property
    def logs(self) -> Path:
        """The folder of its programs' logs."""
        return self.folder / "logs"

    @property
    def is_embedded(self) -> bool:
        """Whether the database is ours to start (and to throw away)."""
        return "DATABASE_URL" not in os.environ

    def take(self) -> bool:
        """Take the instance for this process; False when another process has it. Let go at the end of the process."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        if self.folder.stat().st_uid != os.geteuid():
            raise LauncherError(f"{self.folder} belongs to another user. Start as that user, or on another port.")
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        (self.folder / "running.json").unlink(missing_ok=True)
        return True

    def empty(self) -> None:
        """Throw away everything but the lock, which must be held."""
        for folder in {self.folder, self.data_folder()}:
            for entry in folder.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                elif entry.name != "lock":
                    entry.unlink()

    def prepare(self) -> None:
        """Make folders, sockets and data where missing; afterwards `programs` and `environment` are complete."""
        self.account = for_servers()
        self._remove_left_sockets()
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))
        self.environment = {
            **os.environ,
            "PYTHONPATH": source_path(os.environ.get("PYTHONPATH")),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", self.settings),
            "CAUSEWAY_STATE": str(self.state),
            "CAUSEWAY_PORT": str(self.port),
        }
        if self.is_embedded:
            self._prepare_postgres()
        if "REDIS_URL" not in os.environ:
            self._prepare_valkey()
        if "SMTP_HOST" not in os.environ:
            self._prepare_mail_sink()

    def announce(self) -> None:
        """Leave word for `bin/manage` how to reach the servers, once they are up."""
        path = self.folder / "running.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(contract(self.environment), file, indent=1)

    def withdraw(self) -> None:
        """Take the word back before the servers go."""
        (self.folder / "running.json").unlink(missing_ok=True)

    def announced(self) -> dict[str, str] | None:
        """What the process that runs this instance left; None while it is not up."""
        try:
            words: dict[str, str] = json.loads((self.folder / "running.json").read_text())
        except (OSError, ValueError):
            return None
        return words

    def data_folder(self) -> Path:
        """Where the servers keep their data: in the instance's folder, or in root's shelter if their user cannot get there."""
        if self.account is None or self.account.reaches(self.folder):
            return self.folder
        folder = shelter() / self.name
        folder.mkdir(mode=0o755, exist_ok=True)
        pointer = self.folder / "servers"
        with contextlib.suppress(FileExistsError):
            pointer.symlink_to(folder)
        return folder

    def _socket_folder(self, server: str) -> Path:
        """A folder for a socket, closed to everybody but the server's user (and root)."""
        base = tempfile.gettempdir()
        if len(base) > LONGEST_SOCKET_FOLDER or (self.account and not self.account.reaches(Path(base))):
            base = "/tmp"  # noqa: S108 - mkdtemp makes a closed folder in it
        folder = Path(tempfile.mkdtemp(prefix=f"causeway-{server}-", dir=base))
        if self.account is not None:
            self.account.owns(folder)
        self.temporary_folders.append(folder)
        with (self.folder / SOCKETS).open("a") as list_of_folders:
            list_of_folders.write(f"{folder}\n")
        return folder

    def _remove_left_sockets(self) -> None:
        """Remove the socket folders of an earlier launcher of this instance that was killed with its warden."""
        listed = self.folder / SOCKETS
        if listed.exists():
            for line in listed.read_text().splitlines():
                shutil.rmtree(line, ignore_errors=True)
            listed.unlink()

    def _prepare_postgres(self) -> None:
        server = postgres.prepare(
            folder=self.data_folder(), sockets=self._socket_folder("pg"), log=self.logs / "postgres.log",
            account=self.account, throwaway=self.throwaway,
        )  # fmt: skip
        self.programs.append(server.program)
        self.environment |= {
            "DATABASE_URL": server.url("causeway_app"),
            "DATABASE_STEWARD_URL": server.url("causeway_steward"),
            "DATABASE_MIGRATOR_URL": server.url("causeway_migrator"),
            "DATABASE_ADMIN_URL": server.url(postgres.SUPERUSER, "postgres"),
            "CAUSEWAY_POSTGRES_PROGRAMS": str(server.programs),
        }

    def _prepare_valkey(self) -> None:
        server = valkey.prepare(
            folder=self.data_folder(), sockets=self._socket_folder("vk"), log=self.logs / "valkey.log",
            account=self.account, environment=dict(os.environ), throwaway=self.throwaway,
        )  # fmt: skip
        self.programs.append(server.program)
        self.environment["REDIS_URL"] = server.url()

    def _prepare_mail_sink(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        descriptor = self._listener.fileno()
        self.environment |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self._listener.getsockname()[1])}
        self.programs.append(
            Program(
                name="mail sink",
                arguments=[sys.executable, "-m", "launcher.mail_sink", self.state / "mailbox", str(descriptor)],
                log=self.logs / "mail.log",
                environment=self.environment,
                stop_signal=signal.SIGTERM,
                pass_descriptors=(descriptor,),
            )
        )


def contract(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that another process needs to work on the same instance."""
    names = (
        *DATABASE_VARIABLES, "REDIS_URL", "SMTP_HOST", "SMTP_PORT", "CAUSEWAY_STATE", "CAUSEWAY_PORT",
        "CAUSEWAY_POSTGRES_PROGRAMS",
        "DJANGO_SETTINGS_MODULE",
    )  # fmt: skip
    return {name: environment[name] for name in names if name in environment}


def running() -> list[Instance]:
    """The `bin/run` instances of this tree that are up now, by port."""
    found = []
    for folder in sorted(STATE.glob("[0-9]*")):
        if folder.name.isdecimal():
            instance = Instance(name=folder.name, port=int(folder.name))
            if instance.announced() is not None and is_held(folder / "lock"):
                found.append(instance)
    return found


def is_held(lock: Path) -> bool:
    """Whether a living process holds this lock."""
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
