"""Seals the log: numbers what was committed, hashes it into a tree, chains the head and signs it.

Not part of any verb's transaction: a hash chain inside it would make an organization's writers wait for each other.
"""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from audit import heads, keys, stored, tree
from audit.models.batch import Batch
from audit.models.cursor import Cursor
from audit.timer import every
from tenancy.ids import uuid7
from tenancy.planned import planned_once
from tenancy.scope import scope

LARGEST = 20_000
"""Events in a batch: keeps a proof under 2 KB and the sealer's memory flat."""

WINDOW = "organization_id = %(organization)s and xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"
LEAVES = f"""
with picked as materialized (
  select e.id, row_number() over (order by e.xact, e.id) as place, uuid_send(gen_random_uuid()) as salt,
    audit_canonical(e) as canonical
  from audit_event e where {WINDOW}
)
insert into audit_leaf (id, organization_id, event_id, batch_id, number, salt, hash)
select uuid7(), %(organization)s, id, %(batch)s, %(first)s + place - 1, salt, sha256('\\x00'::bytea || salt || canonical)
from picked order by place returning number, hash, event_id
"""  # noqa: S608 - constants only
OLDEST_IMAGE = f"select id from (select id from audit_rowimage where {WINDOW} offset 0) sealed order by id limit 1"  # noqa: S608
OLD_IMAGES = f"""
select count(*), sha256(coalesce(string_agg(sha256(audit_canonical(i)), ''::bytea order by i.xact, i.id), ''::bytea))
from audit_rowimage i where {WINDOW}
"""  # noqa: S608
"""Count and digest of the row images in batches without `rows_digest`."""


class CounterBehind(RuntimeError):
    """The server counts transactions from before the log's: it was restored elsewhere. `bin/manage audit advance` mends it."""


def seal(organization_id: UUID) -> Batch | None:
    """Seal the organization's committed events; return the batch, or None if there was nothing to seal.

    Raises CounterBehind on a server whose transaction counter is behind the log.
    """
    with scope(organization_id), planned_once() as cursor:
        if not _alone(organization_id):
            return None
        previous = Batch.objects.newest()
        window = _window(cursor, organization_id, previous.through if previous else 0)
        batch = Batch(
            id=uuid7(),
            number=previous.number + 1 if previous else 1,
            first=previous.last + 1 if previous else 1,
            since=window["since"],
            through=window["through"],
            previous_head=bytes(previous.head) if previous else tree.NOTHING,
            sealed_at=timezone.now(),
        )
        cursor.execute(LEAVES, {**_as_text(window), "batch": batch.pk, "first": batch.first})
        placed = sorted(cursor.fetchall())
        if not placed:
            return None
        leaves = [bytes(value) for _, value, _ in placed]
        batch.organization_id = organization_id
        batch.size, batch.root = len(leaves), tree.root(leaves)
        reach: dict[str, Any] = {"since": batch.since, "through": batch.through}
        cursor.execute(OLDEST_IMAGE, _as_text(window))
        [oldest] = cursor.fetchone() or [stored.ANY]
        batch.images, batch.images_digest = stored.images_digest(organization_id, **reach, least=oldest)
        oldest = min(event_id for _, _, event_id in placed)
        batch.rows_digest = stored.rows_digest(
            organization_id, batch_id=batch.pk, **reach, first=batch.first, last=batch.last, least=oldest
        )
        batch.head = batch.computed_head()
        batch.signature, batch.key_id = keys.sign(bytes(batch.head))
        batch.save(force_insert=True)
    heads.note(batch)
    return batch


def _alone(organization_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended('audit.seal ' || %s, 0))", [organization_id])
        return bool(cursor.fetchone()[0])


def _window(cursor: object, organization_id: UUID, since: int) -> dict[str, Any]:
    cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")  # type: ignore[attr-defined]
    through = cursor.fetchone()[0]  # type: ignore[attr-defined]
    if through < since:
        raise CounterBehind(
            f"The log of {organization_id} reaches transaction {since}, this server only {through}: was it restored"
            " from another? Run `bin/manage audit advance` once."
        )
    window = {"organization": organization_id, "since": since, "through": through}
    cursor.execute(  # type: ignore[attr-defined]
        f"select xact::text::bigint from audit_event where {WINDOW} order by xact, id offset {LARGEST} limit 1",  # noqa: S608
        _as_text(window),
    )
    if cut := cursor.fetchone():  # type: ignore[attr-defined]
        # A transaction is never divided; one that is larger than a batch makes a larger batch.
        window["through"] = cut[0] if cut[0] > since and _holds(cursor, window, cut[0]) else cut[0] + 1
    return window


def _as_text(window: dict[str, Any]) -> dict[str, Any]:
    """The numbers of transactions as text: as numbers they grow from one type to the next, each with a plan of its own."""
    return {**window, "since": str(window["since"]), "through": str(window["through"])}


def _holds(cursor: object, window: dict[str, object], before: int) -> bool:
    cursor.execute(f"select exists (select from audit_event where {WINDOW})", {**window, "through": before})  # type: ignore[attr-defined] # noqa: S608
    return bool(cursor.fetchone()[0])  # type: ignore[attr-defined]


class Sealer:
    """Finds the organizations with news and seals them; an advisory lock keeps two workers apart."""

    def __init__(self) -> None:
        self.seen = 0
        """Every transaction before this one was looked at since this process started."""

    def look(self) -> int:
        """Seal whatever was committed since the last look; return the number of batches made."""
        with planned_once("steward") as cursor:
            cursor.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            until = cursor.fetchone()[0]
            cursor.execute(
                "select distinct organization_id from audit_event where xact >= %s::text::xid8 and xact < %s::text::xid8",
                [str(self.seen), str(until)],
            )
            organizations = [found for (found,) in cursor.fetchall()]
        made = 0
        for organization_id in organizations:
            while seal(organization_id):
                made += 1
        self.seen = until
        with transaction.atomic():
            if turn := Cursor.take("sealing"):
                turn.move()
        return made


every(5, "event log sealing")(Sealer().look)
