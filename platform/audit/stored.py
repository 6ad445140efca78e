"""A digest of what a batch seals, over the rows as the server itself sends them: fast to compute, and complete.

The canonical bytes of an event (`audit_canonical`) are made for people and other programs; making them anew for every row is
most of what a verification costs. The server's own binary form of the same columns (`COPY … BINARY`) is as unambiguous
and several times cheaper, and is hashed while the next rows are read. If the digest is the sealed one, not one bit of the
rows has changed; if it is not, `audit.verification` looks at each event and says which.
"""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.abc import Buffer

EVENT = (
    "id", "organization_id", "action", "subject_type", "subject_id", "deployment_id", "actor_kind", "actor_id",
    "actor_organization_id", "actor_process", "data", "at", "recorded_at", "xact",
)  # fmt: skip
LEAF = ("organization_id", "number", "event_id", "batch_id", "salt", "hash")
IMAGE = ("id", "organization_id", "table", "row_id", "operation", "image", "at", "xact")
"""The columns in the order of the digest: never change it, add a further digest."""

ANY, ALL = UUID(int=0), UUID(int=(1 << 128) - 1)
_WINDOW = (
    "organization_id = %(organization)s and xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"
    " and id >= %(least)s and id < %(most)s order by xact, id"
)
_NUMBERS = "organization_id = %(organization)s and number between %(first)s and %(last)s order by number"


def rows_digest(
    organization_id: UUID,
    *,
    batch_id: UUID,
    since: int,
    through: int,
    first: int,
    last: int,
    least: UUID = ANY,
    most: UUID = ALL,
) -> bytes:
    """Return the digest over a batch's id, the events of its window and its leaves. Needs the organization's scope.

    `least` and `most` leave out events with lower ids, and from that one on: for whoever may ask fewer months.
    """
    digest = hashlib.sha256(batch_id.bytes)
    for row in events(organization_id, since=since, through=through, least=least, most=most):
        digest.update(row)
    with connection.cursor() as cursor:
        for row in _copied(cursor, "audit_leaf", LEAF, _NUMBERS, organization=organization_id, first=first, last=last):
            digest.update(row)
    return digest.digest()


def images_digest(
    organization_id: UUID, *, since: int, through: int, least: UUID = ANY, most: UUID = ALL
) -> tuple[int, bytes]:
    """Return how many row images the window has, and the digest over them. Needs the organization's scope."""
    window = _reach(organization_id, since, through, least, most)
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for row in _copied(cursor, "audit_rowimage", IMAGE, _WINDOW, **window):
            digest.update(row)
        return cursor.rowcount, digest.digest()


def events(
    organization_id: UUID, *, since: int = 0, through: int, least: UUID = ANY, most: UUID = ALL
) -> Iterator[Buffer]:
    """Yield the events of a window in their stored form, with the copy's own first and last bytes."""
    window = _reach(organization_id, since, through, least, most)
    with connection.cursor() as cursor:
        yield from _copied(cursor, "audit_event", EVENT, _WINDOW, **window)


def _reach(organization_id: UUID, since: int, through: int, least: UUID, most: UUID) -> dict[str, Any]:
    return {"organization": organization_id, "since": since, "through": through, "least": least, "most": most}


def _copied(cursor: Any, table: str, columns: tuple[str, ...], which: str, **values: Any) -> Iterator[Buffer]:
    """Yield rows as they come, and leave their number with the cursor. Nothing is held but one of them, whatever the batch."""
    listed = ", ".join(f'"{name}"' for name in columns)
    statement = f"copy (select {listed} from {table} where {which}) to stdout (format binary)"  # noqa: S608 - constants only
    with cursor.copy(statement, values) as rows:
        yield from rows
