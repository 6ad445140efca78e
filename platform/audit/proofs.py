"""What an outsider needs to check one event or the whole log, without this program or its database."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from audit import keys, tree
from audit.models.batch import Batch, Leaf
from audit.retention import expired_through
from tenancy.scope import current, scope

Row = tuple[int, bytes, bytes, str]
"""Number, salt, leaf hash and canonical text of an event."""
EVENTS = """
select l.number, l.salt, l.hash, convert_from(audit_canonical(e), 'UTF8')
from audit_leaf l join audit_event e on e.organization_id = l.organization_id and e.id = l.event_id
where l.organization_id = %s and l.number between %s and %s
"""
IN_ORDER = f"{EVENTS} order by l.number"


def inclusion(event_id: UUID) -> dict[str, Any]:
    """Return the proof that the event in scope is part of the sealed log.

    Raise Leaf.DoesNotExist if it is not sealed, or is no longer kept.
    """
    leaf = Leaf.objects.select_related("batch").get(event_id=event_id)
    batch: Batch = leaf.batch
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [current().organization_id, leaf.number, leaf.number])
        row = cursor.fetchone()
    if row is None:
        raise Leaf.DoesNotExist
    _, salt, _, text = row
    return {
        **_entry(leaf.number, batch, bytes(salt), text, tree.path(_tree(batch), leaf.number - batch.first)),
        "batch": describe(batch),
        "keys": _key_of(batch),
    }


def inclusions(event_ids: Iterable[UUID]) -> Iterator[dict[str, Any]]:
    """Yield the proof of each of these events that is sealed, in the order of the log; each batch is read once."""
    wanted: dict[UUID, set[int]] = {}
    for batch_id, number in Leaf.objects.filter(event_id__in=list(event_ids)).values_list("batch_id", "number"):
        wanted.setdefault(batch_id, set()).add(number)
    for batch in Batch.objects.filter(pk__in=wanted).order_by("number"):
        made = _tree(batch)
        with connection.cursor() as cursor:
            cursor.execute(
                f"{EVENTS} and l.number = any(%s) order by l.number",
                [current().organization_id, batch.first, batch.last, list(wanted[batch.pk])],
            )
            rows: list[Row] = cursor.fetchall()
        for number, salt, _, text in rows:
            yield {
                **_entry(number, batch, bytes(salt), text, tree.path(made, number - batch.first)),
                "batch": describe(batch),
                "keys": _key_of(batch),
            }


def describe(batch: Batch) -> dict[str, Any]:
    """Return everything that the head of a batch is computed from, and its signature."""
    return {
        "organization_id": str(batch.organization_id),
        "number": batch.number,
        "first": batch.first,
        "size": batch.size,
        "since": batch.since,
        "through": batch.through,
        "images": batch.images,
        "sealed_at": batch.sealed_microseconds,
        "root": bytes(batch.root).hex(),
        "images_digest": bytes(batch.images_digest).hex(),
        "rows_digest": bytes(batch.rows_digest).hex(),
        "previous_head": bytes(batch.previous_head).hex(),
        "head": bytes(batch.head).hex(),
        "signature": bytes(batch.signature).hex(),
        "key_id": batch.key_id,
    }


def export(organization_id: UUID, after: int = 0, through: int | None = None) -> Iterator[str]:
    """Yield the sealed log as JSON lines: the keys, then each batch followed by its events with their proofs.

    `after`: the last batch that the reader has whole; the file then begins with the next one. `through`: the last batch
    that is wanted.
    """
    yield _line({"log": "causeway", "version": 1, "organization_id": str(organization_id), "keys": _public_keys()})
    for batch, rows in sealed(organization_id, after):
        if through is not None and batch.number > through:
            return
        yield _line({"batch": describe(batch)})
        made = tree.levels([bytes(digest) for _, _, digest, _ in rows])
        for index, (place, salt, _, text) in enumerate(rows):
            yield _line({"event": _entry(place, batch, bytes(salt), text, tree.path(made, index))})


def sealed(organization_id: UUID, after: int = 0) -> Iterator[tuple[Batch, list[Row]]]:
    """Yield each batch after that number with its events in order; those whose content has expired are passed over.

    A scope per batch: a stream must not hold a transaction open for as long as its reader takes.
    """
    while True:
        with scope(organization_id), connection.cursor() as cursor:
            batch = Batch.objects.filter(number__gt=max(after, expired_through())).order_by("number").first()
            if batch is None:
                return
            cursor.execute(IN_ORDER, [organization_id, batch.first, batch.last])
            rows = cursor.fetchall()
        yield batch, rows
        after = batch.number


def _tree(batch: Batch) -> list[list[bytes]]:
    leaves = Leaf.objects.filter(number__gte=batch.first, number__lte=batch.last).order_by("number")
    return tree.levels([bytes(value) for value in leaves.values_list("hash", flat=True)])


def _key_of(batch: Batch) -> dict[str, str]:
    """The one key that a proof needs: it has to stay small however often the key was exchanged."""
    return {name: key for name, key in _public_keys().items() if name == batch.key_id}


def _public_keys() -> dict[str, str]:
    return {name: keys.text(key) for name, key in keys.public_keys().items()}


def _entry(number: int, batch: Batch, salt: bytes, text: str, path: list[bytes]) -> dict[str, Any]:
    return {
        "number": number,
        "of_batch": batch.number,
        "index": number - batch.first,
        "salt": salt.hex(),
        "canonical": text,
        "path": [step.hex() for step in path],
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"
