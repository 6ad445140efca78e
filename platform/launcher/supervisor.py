"""Starts programs in order, starts them again when they fall, and stops them all at the end."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from launcher.program import Program, leashed
from launcher.terminal import LauncherError, say, step

WARDEN = Path(__file__).with_name("warden.py")
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
STEADY_AFTER = 60.0  # a program that ran this long starts its back-off anew
READY_WITHIN = 60.0


class Stopped(Exception):
    """A signal asked the launcher to end."""


@dataclass
class Running:
    """A program and the process it is now."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float | None = None


@dataclass
class Supervisor:
    """Everything one launcher started. Use as a context manager: leaving it stops all."""

    temporary_folders: Sequence[Path] = ()
    quiet: bool = False  # says nothing about stopping; falls are always told
    _all: list[Running] = field(default_factory=list)
    _warden: subprocess.Popen[bytes] | None = None
    _orders: IO[bytes] | None = None
    _signals: list[int] = field(default_factory=list)
    _wakeup: tuple[int, int] = (-1, -1)

    def __enter__(self) -> "Supervisor":
        self._wakeup = os.pipe()
        for end in self._wakeup:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # only to wake us up
        self._start_warden()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_all()
        if self._warden is not None and self._orders is not None:
            self._orders.close()  # it finds nothing left to stop, and removes the socket folders
            self._warden.wait()

    def start(self, programs: Sequence[Program]) -> None:
        """Start programs side by side and wait until each is ready."""
        fresh = [Running(program) for program in programs]
        for running in fresh:
            self._all.append(running)
            self._start(running)
        for running in fresh:
            self._await(running)

    def run(
        self,
        arguments: Sequence[str | Path],
        environment: dict[str, str],
        folder: Path,
        output: IO[bytes] | None = None,
    ) -> int:
        """Run a command with the programs kept up around it, on this terminal or into a file; return its exit status."""
        self._check_signals()
        command = subprocess.Popen(leashed(arguments), env=environment, cwd=folder, stdout=output, stderr=output)
        self._tell({"guard": command.pid, "signal": int(signal.SIGTERM), "group": False})
        stopped = False
        for received in self._tend():
            if command.poll() is not None:
                break
            if received is not None and output is not None:
                stopped = True
                command.terminate()
            elif received is not None and received != signal.SIGINT:  # the terminal sent Ctrl-C to the command as well
                command.send_signal(received)
        self._tell({"release": command.pid})
        if stopped:
            raise Stopped
        return command.returncode if command.returncode >= 0 else 128 - command.returncode

    def serve(self) -> None:
        """Keep the programs up until a signal asks to stop."""
        for stop in self._tend():
            if stop is not None:
                return

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)

    def _check_signals(self) -> None:
        if self._signals:
            raise Stopped

    def _tend(self) -> Iterator[int | None]:
        """Yield each signal as it comes, and None whenever something else happened; start what fell."""
        while True:
            yield self._signals.pop(0) if self._signals else None
            now = time.monotonic()
            for running in self._all:
                self._look_after(running, now)
            if self._warden is not None and self._warden.poll() is not None:
                self._start_warden()
            due = [running.due for running in self._all if running.due is not None]
            self._sleep(max(0.0, min(due) - now) if due else 5.0)

    def _sleep(self, seconds: float) -> None:
        if not self._signals:
            select.select([self._wakeup[0]], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup[0], 4096)

    def _look_after(self, running: Running, now: float) -> None:
        if running.process is not None and (status := running.process.poll()) is not None:
            self._tell({"release": running.process.pid})
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(running.process.pid, signal.SIGKILL)  # what it left behind
            running.process = None
            if now - running.started > STEADY_AFTER:
                running.delay = FIRST_DELAY
            running.due = now + running.delay
            say(f"  !   {running.program.name} ended ({_told(status)}); again in {running.delay:g} s")
            if words := running.program.last_words():
                say(words)
            running.delay = min(running.delay * 2, LONGEST_DELAY)
        if running.due is not None and now >= running.due:
            self._start(running)

    def _start(self, running: Running) -> None:
        running.due = None
        running.started = time.monotonic()
        running.process = running.program.start()
        self._tell({"guard": running.process.pid, "signal": int(running.program.stop_signal), "group": True})

    def _await(self, running: Running) -> None:
        is_ready = running.program.is_ready
        deadline = time.monotonic() + READY_WITHIN
        while is_ready is not None and not is_ready():
            self._check_signals()
            if running.process is None or running.process.poll() is not None:
                raise LauncherError(f"{running.program.name} did not start:\n{running.program.last_words()}")
            if time.monotonic() > deadline:
                raise LauncherError(
                    f"{running.program.name} was not ready after {READY_WITHIN:.0f} s:\n{running.program.last_words()}"
                )
            time.sleep(0.02)

    def _stop_all(self) -> None:
        """Stop in two waves: what uses the servers, then the servers (started first, stopped last)."""
        living = [running for running in self._all if running.process is not None]
        if not living:
            return
        with contextlib.nullcontext() if self.quiet else step("Stopping"):
            self._signals.clear()
            servers = [running for running in living if running.program.is_server]
            for wave in ([running for running in living if not running.program.is_server], servers):
                self._stop(wave)

    def _stop(self, wave: list[Running]) -> None:
        for running in wave:
            if running.process is not None:
                running.process.send_signal(running.program.stop_signal)
        for running in wave:
            process = running.process
            if process is None:
                continue
            deadline = time.monotonic() + running.program.grace_seconds
            while process.poll() is None and time.monotonic() < deadline and not self._signals:
                self._sleep(0.1)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._tell({"release": process.pid})
            running.process = None

    def _start_warden(self) -> None:
        """Start it with everything in its pipe already: we may be killed in the moment in which it is born."""
        reading, writing = os.pipe()
        if self._orders is not None:
            with contextlib.suppress(BrokenPipeError):
                self._orders.close()
        self._orders = os.fdopen(writing, "wb")
        for folder in self.temporary_folders:
            self._tell({"remove": str(folder)})
        for running in self._all:
            if running.process is not None:
                self._tell({"guard": running.process.pid, "signal": int(running.program.stop_signal), "group": True})
        self._warden = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WARDEN)], stdin=reading, stdout=subprocess.DEVNULL,
            start_new_session=True, cwd="/",
        )  # fmt: skip
        os.close(reading)

    def _tell(self, order: dict[str, object]) -> None:
        if self._orders is not None:
            with contextlib.suppress(BrokenPipeError):  # it fell; it is told everything when it is started again
                self._orders.write(json.dumps(order).encode() + b"\n")
                self._orders.flush()


def _told(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
