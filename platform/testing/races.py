"""Several people who do something at the very same moment, each over a connection of their own."""

import threading
from collections.abc import Callable

from django.db import connection

PATIENCE = 120
"""Seconds for all of them, on a busy machine."""


def at_once(*works: Callable[[], object]) -> list[object]:
    """Begin all of them together; return for each what came of it: its answer, or the exception that it raised."""
    start = threading.Barrier(len(works))
    outcomes: list[object] = [TimeoutError("still at it")] * len(works)

    def run(place: int) -> None:
        try:
            start.wait(timeout=PATIENCE)
            outcomes[place] = works[place]()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return outcomes
