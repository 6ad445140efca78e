"""The servers and workers of a fault run, in a temporary folder, and the ways to strike them down."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import redis

from launcher import postgres
from launcher.instance import Instance
from launcher.places import ROOT
from launcher.program import Program
from notices.fault_points import POINTS

INHERITED = ("DATABASE_", "REDIS_URL", "SMTP_", "CAUSEWAY_", "DJANGO_SETTINGS_MODULE")
WORKERS, CHILDREN = 2, 2
PATIENCE = 60.0
FAR = datetime(2099, 1, 1, tzinfo=UTC)
"""What is to fall due only when the run says so."""
DAY = 150.0
"""Seconds that the jobs of a new day may take."""


class Ground:
    """Everything a fault run stands on. Use as a context manager: leaving it ends and removes all of it."""

    def __init__(self, chance: random.Random, *, haste: bool = False) -> None:
        self.chance = chance
        self.folder = Path(tempfile.mkdtemp(prefix="causeway-faults-"))
        self.folder.chmod(0o755)
        self.order = self.folder / "fault-point"
        self.instance = self._instance()
        self.environment = {
            **self.instance.environment,
            "DJANGO_SETTINGS_MODULE": "config.settings.faults",
            "CAUSEWAY_FAULT_POINTS": str(self.order),
            **({"CAUSEWAY_FAULTS_HASTE": "1"} if haste else {}),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.programs = {program.name: program for program in self.instance.programs}

    def __enter__(self) -> "Ground":
        for name in self.programs:
            self.start(name)
        for command in (["ensure_roles"], ["migrate", "--verbosity", "0"]):
            self.manage(*command)
        return self

    def __exit__(self, *_: object) -> None:
        for name in reversed(self.running):
            self._end(name)
        for folder in (*self.instance.temporary_folders, self.folder):
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def mailbox(self) -> Path:
        """The folder of the mail sink."""
        return self.instance.state / "mailbox"

    def manage(self, *arguments: str) -> str:
        """Run a Django command on this ground; raise RuntimeError with its words if it fails."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    def start(self, name: str) -> None:
        """Start a program, again and again while what was struck down still holds its place."""
        program = self.programs[name]
        until = time.monotonic() + PATIENCE
        while True:
            process = self.running[name] = program.start()
            while process.poll() is None and program.is_ready is not None and not program.is_ready():
                if time.monotonic() > until:
                    raise RuntimeError(f"{name} was not ready in {PATIENCE:.0f} s:\n{program.last_words()}")
                time.sleep(0.05)
            if process.poll() is None:
                return
            if time.monotonic() > until:
                raise RuntimeError(f"{name} does not start:\n{program.last_words()}")
            time.sleep(0.2)

    def start_workers(self, **further: str) -> None:
        """Start the worker processes, with further words in their environment; each is looked after from now on."""
        for number in range(1, WORKERS + 1):
            command = ["celery", "-A", "config", "worker", "--concurrency", str(CHILDREN), "--loglevel", "WARNING"]
            command += ["--hostname", f"faults-{number}@localhost", "--without-gossip", "--without-mingle"]
            name = f"worker {number}"
            self.programs[name] = Program(
                name=name,
                arguments=[sys.executable, "-m", *command],
                log=self.folder / "logs" / f"worker-{number}.log",
                environment={**self.environment, **further},
            )
            self.start(name)

    def wait_for_workers(self) -> None:
        """Return when every worker answers: none of them is still importing; raise RuntimeError if they never do."""
        command = [sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "--timeout", "2"]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            asked = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
            if asked.stdout.count("pong") == WORKERS:
                return
        raise RuntimeError(f"The workers did not answer within {PATIENCE:.0f} s.")

    def let_the_day_begin(self) -> None:
        """Wait until the jobs of new organizations and what follows from their events are done: they are no part of sending."""
        asked = (
            "select (select count(*) from notices_jobrun where state in ('due', 'running'))"
            " + (select count(*) from audit_reaction), (select count(*) from notices_jobrun where state = 'done' and attempt > 0)"
        )
        until = time.monotonic() + DAY
        while time.monotonic() < until:
            waiting, done = self.rows(asked)[0]
            if done and not waiting:
                return
            time.sleep(0.5)

    def end_workers(self) -> None:
        """End the workers in good order."""
        for name in [name for name in self.running if name.startswith("worker")]:
            self._end(name)
            del self.running[name]

    def start_beat(self, number: int) -> None:
        """Start a beat that rings every second for what beat rings for every hour; it is not started again if it falls."""
        schedule = self.folder / f"beat-{number}"
        arguments = ["celery", "-A", "config", "beat", "--loglevel", "WARNING", "--schedule", str(schedule)]
        arguments += ["--pidfile", ""]
        name = f"beat {number}"
        self.programs[name] = Program(
            name=name,
            arguments=[sys.executable, "-m", *arguments],
            log=self.folder / "logs" / f"beat-{number}.log",
            environment={**self.environment, "CAUSEWAY_FAULTS_BEAT": "1"},
            is_ready=lambda: any(self.folder.glob(f"{schedule.name}*")),  # it has read its schedule and rings
        )
        self.start(name)

    def kill(self, name: str) -> None:
        """`kill -9` a program for good."""
        self._sweep_up(self.running.pop(name))

    def move_clock(self, seconds: float) -> None:
        """Set the workers' clock so far from the true time."""
        draft = self.order.with_name("clock.draft")
        draft.write_text(str(seconds))
        draft.replace(self.order.with_name("clock"))

    def finish_subjects(self, subjects: list[str]) -> None:
        """Let the run's kinds find these subjects done."""
        draft = self.order.with_name("done.draft")
        draft.write_text("\n".join(subjects))
        draft.replace(self.order.with_name("done"))

    def look_after(self) -> int:
        """Start again what has fallen; return how many had."""
        fallen = [name for name, process in self.running.items() if process.poll() is not None]
        for name in fallen:
            self._sweep_up(self.running[name])
            self.start(name)
        return len(fallen)

    def kill_worker(self) -> None:
        """`kill -9` a whole worker with its processes, or one of its processes, as chance has it."""
        process = self.running[f"worker {self.chance.randint(1, WORKERS)}"]
        children = _children(process.pid)
        if not children or self.chance.random() < 0.3:
            self._sweep_up(process)
            return
        os.kill(self.chance.choice(children), signal.SIGKILL)

    def arm(self, point: str) -> None:
        """Tell the workers: who comes to this point first dies there."""
        assert point in POINTS
        draft = self.order.with_suffix(".draft")
        draft.write_text(point)
        draft.replace(self.order)

    def was_reached(self) -> bool:
        """Whether the point armed last has had its victim."""
        return not self.order.exists()

    def flush_broker(self) -> None:
        """FLUSHALL: every message to the workers is gone."""
        redis.Redis.from_url(self.environment["REDIS_URL"]).flushall()

    def crash_database(self) -> None:
        """`kill -9` the database server and start it again."""
        process = self.running["PostgreSQL"]
        process.kill()
        process.wait()
        self.start("PostgreSQL")

    def renew_database(self) -> None:
        """Start a new and empty server in the place of one that was destroyed, at the same address."""
        (sockets,) = parse_qs(urlsplit(self.environment["DATABASE_ADMIN_URL"]).query)["host"]
        made = postgres.prepare(
            folder=self.instance.data_folder(), sockets=Path(sockets), log=self.instance.logs / "postgres.log",
            account=self.instance.account,
        )  # fmt: skip
        self.programs["PostgreSQL"] = made.program
        self.start("PostgreSQL")

    def spoil_mail(self, mode: str | None, every: int = 1) -> None:
        """Make the sink spoil every so many messages in this way; None ends it."""
        order = self.mailbox / "faults.json"
        if mode is None:
            order.unlink(missing_ok=True)
            return
        draft = order.with_suffix(".draft")
        draft.write_text(json.dumps({"mode": mode, "every": every}))
        draft.replace(order)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its superuser, waiting through a restart; a change answers with what it returns."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                address = self.environment["DATABASE_ADMIN_URL"].replace("/postgres?", "/causeway?")
                with psycopg.connect(address) as connection:
                    return connection.execute(query, values or None).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def _instance(self) -> Instance:
        """Servers of our own, whatever servers the environment names."""
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(INHERITED)}
        try:
            instance = Instance(name="faults", port=8000)
            instance.folder = self.folder
            instance.prepare()
        finally:
            os.environ.update(kept)
        return instance

    def _end(self, name: str) -> None:
        process = self.running[name]
        process.send_signal(self.programs[name].stop_signal)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._sweep_up(process)

    def _sweep_up(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a program's own session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
