"""What every worker process does by itself, on a clock of its own and not because beat or Redis rang.

A turn is a short function declared with `@every(seconds, "name")`. Each runs in a thread of every worker process; turns
that only one process may take at a time hold a `Cursor` while they run.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

log = logging.getLogger(__name__)

KEEP_CONNECTION_BELOW = 5.0  # seconds between turns; a rarer turn gives its connections back


@dataclass(frozen=True, slots=True)
class Turn:
    """A function and how often it is called."""

    name: str
    seconds: float
    take: Callable[[], object]

    def run(self) -> bool:
        """Take the turn once; whatever goes wrong is logged and costs this turn only. Return whether all went well."""
        try:
            self.take()
        except Exception:
            log.exception("the turn %s failed; it is taken again in %s s", self.name, self.seconds)
            connections.close_all()
            return False
        if self.seconds >= KEEP_CONNECTION_BELOW:
            connections.close_all()
        return True


_turns: dict[str, Turn] = {}


def every(seconds: float, name: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare a turn; raise ValueError if the name is taken."""

    def declare(function: Callable[[], object]) -> Callable[[], object]:
        if name in _turns:
            raise ValueError(f"The turn {name} is declared twice.")
        _turns[name] = Turn(name, seconds, function)
        return function

    return declare


def turns() -> list[Turn]:
    """Return what is declared, by name."""
    return [_turns[name] for name in sorted(_turns)]


def start() -> threading.Event:
    """Start a thread for every turn; setting the returned event ends them. Called in each worker process after its fork."""
    stop = threading.Event()
    for turn in turns():
        threading.Thread(target=_loop, args=(turn, stop), name=f"turn: {turn.name}", daemon=True).start()
    return stop


def _loop(turn: Turn, stop: threading.Event) -> None:
    while not stop.is_set():
        turn.run()
        stop.wait(turn.seconds)
