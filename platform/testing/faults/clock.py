"""A clock that a fault run can move under running workers: as far from the true time as a file says."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

LOOK_EVERY = 0.1
_moved: Any = None


def follow(order: Path) -> None:
    """Keep this process's clock where the file says, in seconds from the true time; also after a fork."""
    global _moved
    if _moved is None:
        _moved = time_machine.travel(datetime.now(UTC), tick=True).start()
    threading.Thread(target=_keep, args=(order,), name="clock", daemon=True).start()


def _keep(order: Path) -> None:
    standing: float | None = None
    while True:
        try:
            wanted = float(order.read_text())
        except (FileNotFoundError, ValueError):
            wanted = 0.0
        if wanted != standing:
            _moved.move_to(_true() + timedelta(seconds=wanted), tick=True)
            standing = wanted
        time.sleep(LOOK_EVERY)


def _true() -> datetime:
    """Return the time that nobody has moved; only while the clock is ours."""
    found: datetime = time_machine.escape_hatch.datetime.datetime.now(tz=UTC)
    return found
