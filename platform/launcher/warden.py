"""Watches the launcher's life through a pipe; when it ends, however it ends, stops what it started.

The death signal that `leash.py` asks for reaches direct children on Linux only. The warden reaches the children of
children too (by process group), works on every Unix, and removes the socket folders. It reads one JSON object a line:

    {"guard": PID, "signal": NUMBER, "group": BOOL}   {"release": PID}   {"remove": PATH}

and acts at the end of the file. Run by path and isolated: it imports nothing of ours.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

GRACE_SECONDS = 8.0


class Guarded(NamedTuple):
    """A process to be stopped: how to ask it, whether it leads a group, and when it was born."""

    signal: int
    group: bool
    birth: str | None


def birth(pid: int) -> str | None:
    """When a living process was started, so that a number given out again is not taken for it; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        if sys.platform.startswith("linux"):
            return None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return None
        except PermissionError:
            pass
        return "unknown"
    return None if fields[0] in "ZX" else fields[19]


def send(pid: int, number: int, *, group: bool) -> None:
    """Signal a process or its whole group; one that is gone already is fine."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def stop_all(guarded: dict[int, Guarded]) -> None:
    """Ask each process to stop, wait, then kill what is left of its group."""
    alive = {pid for pid, entry in guarded.items() if birth(pid) == entry.birth is not None}
    for pid in alive:
        send(pid, guarded[pid].signal, group=False)
    deadline = time.monotonic() + GRACE_SECONDS
    waiting = set(alive)
    while waiting and time.monotonic() < deadline:
        waiting = {pid for pid in waiting if birth(pid) == guarded[pid].birth}
        if waiting:
            time.sleep(0.05)
    for pid in alive:
        if guarded[pid].group:
            send(pid, signal.SIGKILL, group=True)
        elif pid in waiting:
            send(pid, signal.SIGKILL, group=False)


def main() -> None:
    """Keep the list until the pipe closes, then clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guarded: dict[int, Guarded] = {}
    folders: list[str] = []
    for line in sys.stdin:
        order = json.loads(line)
        if "guard" in order:
            pid = order["guard"]
            guarded[pid] = Guarded(order["signal"], order["group"], birth(pid))
        elif "release" in order:
            guarded.pop(order["release"], None)
        elif "remove" in order:
            folders.append(order["remove"])
    stop_all(guarded)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
