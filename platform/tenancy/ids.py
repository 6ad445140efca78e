"""Identifiers: UUIDv7, ordered by time and never sequential. Python 3.11 and PostgreSQL 15 have none of their own."""

import os
import threading
import time
from datetime import datetime, timedelta
from uuid import UUID

MILLISECOND = 1_000_000
TICKS_A_MILLISECOND = 1 << 12
HELD = 1000 * TICKS_A_MILLISECOND
"""A clock that goes back by less than a second does not put a later row before an earlier one."""

MILLISECONDS = timedelta(milliseconds=1)
SLACK = timedelta(days=31)
"""More than any two clocks of ours are apart, and more than any transaction takes."""

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """Return a UUIDv7 (RFC 9562, sections 5.7 and 6.2, method 3): 48 bits of Unix milliseconds, 12 of their fraction, 62 random.

    Within a process each is greater than the one before, unless the clock was set back by a second or more: events of
    one transaction are read in the order of their ids.
    """
    global _last
    milliseconds, rest = divmod(time.time_ns(), MILLISECOND)
    moment = milliseconds * TICKS_A_MILLISECOND + rest * TICKS_A_MILLISECOND // MILLISECOND
    with _lock:
        if 0 <= _last - moment < HELD:
            moment = _last + 1
        _last = moment
    milliseconds, fraction = divmod(moment, TICKS_A_MILLISECOND)
    random = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def least(moment: datetime, slack: timedelta = timedelta(0)) -> UUID:
    """Return the least id that may be made at that moment, or so long before."""
    return _least(int(moment.timestamp() * 1000) - slack // MILLISECONDS)


def earlier(pk: UUID, span: timedelta) -> UUID:
    """Return the least id that may be made so long before that one; the least of all where it is none of ours."""
    return _least((pk.int >> 80) - span // MILLISECONDS) if pk.version == 7 else UUID(int=0)


def _least(milliseconds: int) -> UUID:
    return UUID(int=max(0, milliseconds) << 80)
