"""Identifiers: UUIDv7, ordered by time and never sequential. Python 3.11 and PostgreSQL 15 have none of their own."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    value = int.from_bytes(os.urandom(10), "big")
    milliseconds = time.time_ns() // 1_000_000
    bits = (
        (milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (value >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | value & (1 << 62) - 1
    )
    return UUID(int=bits)
