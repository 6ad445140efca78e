"""Real launchers for the tests: a process that holds an instance's servers up, as us or as a plain user."""

import contextlib
import json
import os
import pwd
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launcher.places import ROOT
from launcher.warden import birth

PLAIN_USER = "nobody"
PATIENCE_SECONDS = 120.0

HOLD = """
import json, sys
from launcher.instance import Instance
from launcher.supervisor import Supervisor
instance = Instance(name=sys.argv[1], port=8000, throwaway=sys.argv[2] == "throwaway")
if not instance.take():
    sys.exit("taken")
instance.prepare()
with Supervisor(temporary_folders=instance.temporary_folders, quiet=True) as supervisor:
    supervisor.start(instance.programs)
    instance.announce()
    running = {entry.program.name: entry.process.pid for entry in supervisor._all}
    folders = [str(folder) for folder in instance.temporary_folders]
    print(json.dumps({"pids": running, "warden": supervisor._warden.pid, "folders": folders,
                      "environment": instance.environment}), flush=True)
    supervisor.serve()
"""


@dataclass
class Holder:
    """A launcher process that is up, and what it says it started."""

    process: subprocess.Popen[str]
    pids: dict[str, int]
    warden: int
    folders: list[Path]
    environment: dict[str, str]

    @property
    def everything(self) -> set[int]:
        """The processes started, and all below them."""
        return {self.warden} | {pid for top in self.pids.values() for pid in family(top)}


def family(pid: int) -> set[int]:
    """A process and everything below it."""
    found = {pid}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                found |= family(int(child))
    return found


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something to come about, or fail naming it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        select.select([], [], [], 0.05)


def alive(pids: set[int]) -> set[int]:
    """Those that live; a zombie does not."""
    return {pid for pid in pids if birth(pid) is not None}


def wait_gone(pids: set[int]) -> None:
    """Wait until none of these processes lives."""
    wait_until(lambda: not alive(pids), f"processes {sorted(pids)} gone")


def python_for(user: str | None) -> str:
    """A Python this user can run; skips where there is none."""
    if user is None:
        return sys.executable
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    for candidate in (
        sys.executable,
        "/usr/bin/python3",
        "/usr/bin/python3.13",
        "/usr/bin/python3.12",
        "/usr/bin/python3.11",
    ):
        asked = "import sys; sys.exit(sys.version_info < (3, 11))"
        with contextlib.suppress(OSError):
            command = [candidate, "-c", asked]
            if subprocess.run(command, **become(user), cwd="/", capture_output=True, check=False).returncode == 0:
                return candidate
    pytest.skip(f"no Python 3.11 that {user} can run")


def become(user: str | None) -> dict[str, object]:
    """What subprocess needs to act as a user."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def launch(home: Path, name: str = "1", user: str | None = None, *, mode: str = "throwaway") -> subprocess.Popen[str]:
    """Start a launcher that holds the servers of an instance under `home`."""
    python = python_for(user)
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(home, entry.pw_uid, entry.pw_gid)
    packages = [entry for entry in sys.path if entry.endswith("site-packages")]
    embedded = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_", "SMTP_"))
    }
    environment = {
        **embedded,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), *packages]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CAUSEWAY_HOME": str(home),
    }
    return subprocess.Popen(
        [python, "-c", HOLD, name, mode], env=environment, cwd="/", text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **become(user),
    )  # fmt: skip


@contextlib.contextmanager
def holding(home: Path, name: str = "1", user: str | None = None, *, mode: str = "throwaway") -> Iterator[Holder]:
    """A launcher with its servers up; ended at the end if the test did not."""
    process = launch(home, name, user, mode=mode)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"the launcher ended:\n{process.stderr.read()}")
        told = json.loads(line)
        folders = [Path(folder) for folder in told["folders"]]
        yield Holder(process, told["pids"], told["warden"], folders, told["environment"])
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        process.stdout.close()
        process.stderr.close()
