"""The moved clock: what happens inside happens then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import time_machine


@contextmanager
def at(day: date, hour: int = 10, minute: int = 0) -> Iterator[None]:
    """Move the clock of this process to a moment (UTC); it goes on from there."""
    with time_machine.travel(datetime.combine(day, time(hour, minute), tzinfo=UTC), tick=True):
        yield


def days_ago(today: date, days: int) -> date:
    """Return the working day on or before so many days ago."""
    day = today - timedelta(days=days)
    return day - timedelta(days=max(0, day.weekday() - 4))
