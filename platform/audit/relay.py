"""Carries events to what has to follow from them (`config/reactions.py`): at least once, in the order of the log.

Read as steward below the oldest running transaction, or a late commit would be skipped. What follows becomes a row of the
event's own organization in the same transaction that moves the cursor; the message to a worker is only the bell.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from audit.models import Cursor, Reaction
from audit.timer import every
from tenancy.planned import planned_once
from tenancy.scope import scope

log = logging.getLogger(__name__)

BATCH = 500
PATIENCE = timedelta(minutes=1)
"""What waits longer than this although the workers were told is carried out by the sweep: a worker may be alive and deaf."""
NEXT = (
    "select id, organization_id, action, xact::text::bigint from audit_event"
    " where (xact, id) > (%s::text::xid8, %s) and xact < pg_snapshot_xmin(pg_current_snapshot()) order by xact, id"
)
Bell = tuple[UUID, UUID]
"""An organization and the row in it that waits to be carried out."""


class Settled(NamedTuple):
    """An event that no transaction still running can come before."""

    id: UUID
    organization_id: UUID
    action: str
    xact: int


def reactions() -> dict[str, list[str]]:
    """Return the product's reactions: action to dotted paths of tasks that take an organization and an event."""
    found: dict[str, list[str]] = import_string(settings.REACTIONS)
    return found


def settled(cursor: Cursor, limit: int = BATCH) -> list[Settled]:
    """Return the next events after the cursor, of all organizations."""
    with planned_once("steward") as steward:
        steward.execute(f"{NEXT} limit {limit:d}", [str(cursor.xact), cursor.event_id])
        return [Settled(*row) for row in steward.fetchall()]


@every(1, "event relay")
def relay() -> int:
    """Write the reactions of the next events as rows, ring for them, and return how many events were read."""
    with transaction.atomic():
        cursor = Cursor.take("relay")
        if cursor is None:
            return 0
        events = settled(cursor)
        if not events:
            return 0
        wanted = _rows(events)
        for organization_id in sorted(wanted):
            with scope(organization_id):
                Reaction.objects.bulk_create(wanted[organization_id], ignore_conflicts=True)
        cursor.move(events[-1].xact, events[-1].id)
        bells = [(organization_id, row.pk) for organization_id, rows in wanted.items() for row in rows]
        transaction.on_commit(partial(ring, bells), robust=True)
    return len(events)


@every(15, "reactions left over")
def carry_on() -> int:
    """Ring again for reactions whose message was lost or whose try failed; carry out here what nobody heard of."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, id, next_at from audit_reaction where next_at <= %s order by next_at limit %s",
            [timezone.now(), BATCH],
        )
        waiting: list[tuple[UUID, UUID, datetime]] = steward.fetchall()
    told = ring([(organization_id, pk) for organization_id, pk, _ in waiting])
    late = timezone.now() - PATIENCE
    for number, (organization_id, pk, since) in enumerate(waiting):
        if number >= told or since < late:
            with scope(organization_id):
                Reaction.carry_out(pk)
    return len(waiting)


def ring(bells: Iterable[Bell]) -> int:
    """Tell the workers; return how many were told. A dead broker ends it at the first: the sweep comes by."""
    from audit.tasks import react

    told = 0
    for organization_id, pk in bells:
        try:
            react.apply_async(args=(str(organization_id), str(pk)), expires=300)
        except Exception as error:
            log.warning("the workers could not be told of reactions (%s); the sweep comes by", error)
            break
        told += 1
    return told


def _rows(events: list[Settled]) -> dict[UUID, list[Reaction]]:
    known = reactions()
    wanted: dict[UUID, list[Reaction]] = defaultdict(list)
    for event in events:
        for task in known.get(event.action, ()):
            wanted[event.organization_id].append(Reaction(event_id=event.id, task=task))
    return wanted
