"""A digest of what a batch seals, over the rows as the server itself sends them: fast to compute, and complete.

The canonical bytes of an event (`audit_canonical`) are made for people and other programs; making them anew for every row is
most of what a verification costs. The server's own binary form of the same columns is as unambiguous and five times
cheaper. It is hashed in order, in pieces that arrive while the next ones are read. If the digest is the sealed one, not
one bit of the rows has changed; if it is not, `audit.verification` looks at each row and says which.
"""

import hashlib
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

PIECE = 1000
"""Rows in a piece: some hundred kilobytes, whatever the size of the batch."""
EVENT = (
    "id", "organization_id", "action", "subject_type", "subject_id", "deployment_id", "actor_kind", "actor_id",
    "actor_organization_id", "actor_process", "data", "at", "recorded_at", "xact",
)  # fmt: skip
LEAF = ("organization_id", "number", "event_id", "batch_id", "salt", "hash")
IMAGE = ("id", "organization_id", "table", "row_id", "operation", "image", "at", "xact")

_PIECES = """
select count(*), string_agg(record_send(row({columns})), ''::bytea order by place) from (
  select *, row_number() over (order by {order}) as place from {table} where organization_id = %(organization)s and {which}
) t group by (place - 1) / {piece} order by (place - 1) / {piece}
"""
_WINDOW = "xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"


def _pieces(table: str, columns: tuple[str, ...], order: str, which: str) -> str:
    quoted = ", ".join(f't."{name}"' for name in columns)
    return _PIECES.format(columns=quoted, order=order, table=table, which=which, piece=PIECE)


EVENTS_OF = _pieces("audit_event", EVENT, "xact, id", _WINDOW)
LEAVES_OF = _pieces("audit_leaf", LEAF, "number", "number between %(first)s and %(last)s")
IMAGES_OF = _pieces("audit_rowimage", IMAGE, "xact, id", _WINDOW)


def rows_digest(organization_id: UUID, *, batch_id: UUID, since: int, through: int, first: int, last: int) -> bytes:
    """Return the digest over a batch's id, the events of its window and its leaves. Needs the organization's scope."""
    window = {"organization": organization_id, "since": str(since), "through": str(through)}
    digest = hashlib.sha256(batch_id.bytes)
    _feed(digest, EVENTS_OF, window)
    _feed(digest, LEAVES_OF, {"organization": organization_id, "first": first, "last": last})
    return digest.digest()


def images_digest(organization_id: UUID, *, since: int, through: int) -> tuple[int, bytes]:
    """Return how many row images the window has, and the digest over them. Needs the organization's scope."""
    digest = hashlib.sha256()
    count = _feed(digest, IMAGES_OF, {"organization": organization_id, "since": str(since), "through": str(through)})
    return count, digest.digest()


def _feed(digest: Any, statement: str, values: dict[str, Any]) -> int:
    """Hash the pieces as they come; return the number of rows. Nothing is held but one piece."""
    count = 0
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        for number, piece in cursor.stream(statement, values, binary=True):
            count += number
            digest.update(piece)
    return count
