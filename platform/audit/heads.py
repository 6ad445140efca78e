"""The heads of the log in a file outside the database that only grows: who cuts the log's end off, or seals it anew with a
stolen key, cannot reach it with SQL.

A line a batch: its number, and the head in hexadecimal digits.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from audit.models.batch import Batch

LINE = re.compile(rb"(\d{1,18}) ([0-9a-f]{64})\n")
TWO_LINES = 256
"""More bytes than two lines have."""


class Unreadable(ValueError):
    """A line of the file is none that the sealer writes; the message says which."""


def note(batch: Batch) -> None:
    """Add the head of a batch."""
    path = _file(batch.organization_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{batch.number} {bytes(batch.head).hex()}\n".encode())
    finally:
        os.close(descriptor)


def newest(organization_id: UUID) -> tuple[int, bytes] | None:
    """Return number and head of the batch that was noted last; None where there is no file. Raise Unreadable."""
    try:
        with _file(organization_id).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TWO_LINES))
            lines = file.readlines()
    except FileNotFoundError:
        return None
    return _read(lines[-1] if lines else b"", "the last line")


def every(organization_id: UUID) -> Iterator[tuple[int, bytes]]:
    """Yield number and head of each batch that was noted; nothing where there is no file. Raise Unreadable."""
    try:
        with _file(organization_id).open("rb") as file:
            for place, line in enumerate(file, 1):
                yield _read(line, f"line {place}")
    except FileNotFoundError:
        return


def _read(line: bytes, which: str) -> tuple[int, bytes]:
    found = LINE.fullmatch(line)
    if found is None:
        raise Unreadable(f"{which} of the file of heads is none that was noted")
    return int(found[1]), bytes.fromhex(found[2].decode())


def _file(organization_id: UUID) -> Path:
    folder: Path = settings.STATE_DIR / "heads"
    return folder / str(organization_id)
