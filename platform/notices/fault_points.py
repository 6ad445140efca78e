"""Named points at which the fault command kills a worker. Everywhere else they do nothing.

`settings.FAULT_POINTS` is empty but under `config.settings.faults`; there it names a file with the name of one point. The
first process that reaches it takes the file away and ends as by `kill -9`.
"""

import os
import signal
from pathlib import Path

from django.conf import settings

POINTS = ("before-claim", "after-claim", "in-data", "after-250", "after-mark")


def armed(point: str) -> bool:
    """Whether this process is the one to die here; only one is."""
    if not settings.FAULT_POINTS:
        return False
    order = Path(settings.FAULT_POINTS)
    try:
        if order.read_text() != point:
            return False
        order.unlink()
    except FileNotFoundError:
        return False
    return True


def die() -> None:
    """End at once, without a word to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


def reach(point: str) -> None:
    """Die here if the fault command says so."""
    if armed(point):
        die()
