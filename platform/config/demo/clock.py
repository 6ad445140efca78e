"""The moved clock: what happens inside happens then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import time_machine


@contextmanager
def at(day: date, hour: int = 10, minute: int = 0) -> Iterator[None]:
    """Move the clock of this process to a moment (UTC), or to now if that is still to come; it goes on from there."""
    wall = time_machine.escape_hatch.datetime.datetime if time_machine.escape_hatch.is_travelling() else datetime
    with time_machine.travel(min(datetime.combine(day, time(hour, minute), tzinfo=UTC), wall.now(UTC)), tick=True):
        yield


def days_ago(today: date, days: int) -> date:
    """Return the working day on or before so many days ago."""
    day = today - timedelta(days=days)
    return day - timedelta(days=max(0, day.weekday() - 4))
