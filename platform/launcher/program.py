"""A program the launcher keeps running, and how one is started on a leash."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.account import Account
from launcher.places import ROOT

LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True)
class Program:
    """What to run, as whom, and how to stop it."""

    name: str
    arguments: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    before_start: Callable[[], None] | None = None
    is_ready: Callable[[], bool] | None = None
    pass_descriptors: Sequence[int] = ()
    is_server: bool = False  # stopped last, because the others use it
    folder: Path = ROOT

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a session of its own. Call this from the main thread: the death signal follows the thread."""
        if self.before_start is not None:
            self.before_start()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                leashed(self.arguments, self.stop_signal, self.account),
                cwd="/" if self.account else self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=tuple(self.pass_descriptors),
            )

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for the person at the terminal."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"       {line}" for line in text.splitlines()[-lines:])


def leashed(
    arguments: Sequence[str | Path], death_signal: signal.Signals = signal.SIGTERM, account: Account | None = None
) -> list[str]:
    """The command line that runs `arguments` as a child that cannot outlive this process."""
    user = f"{account.uid}:{account.gid}" if account else "-"
    leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(death_signal)), user]
    return [*leash, *(str(argument) for argument in arguments)]
