"""Recomputes everything that the seal on the log claims, and names the first event for which it does not hold."""

import hashlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from audit import heads, stored, tree
from audit.models.batch import Batch, Leaf
from audit.models.event import Event
from audit.retention import LEAST_YEARS, YEAR, expired_through
from audit.sealing import OLD_IMAGES
from tenancy import ids
from tenancy.scope import scope

MATCH = """
select l.number, l.event_id, l.hash, l.batch_id,
  coalesce(sha256('\\x00'::bytea || l.salt || audit_canonical(e)) = l.hash, false), e.id is not null
from audit_leaf l left join audit_event e on e.organization_id = l.organization_id and e.id = l.event_id
  and e.id between %(least)s and %(greatest)s
where l.organization_id = %(organization)s
"""
"""The bounds are those of the leaves' own event ids, where whoever asks knows them: months outside are not looked at."""
MATCHES = f"{MATCH} and l.number between %(first)s and %(last)s order by l.number"
PLACES = """
select hash from audit_leaf where organization_id = %(organization)s and number between %(first)s and %(last)s
order by number
"""
STRAYS = """
select l.number
from audit_leaf l where l.organization_id = %(organization)s and (l.number < 1 or l.number > %(last)s) limit 1
"""
SLIPPED_IN = """
select e.id from audit_event e where e.organization_id = %(organization)s and e.xact < %(through)s::text::xid8
  and e.xact >= %(since)s::text::xid8 and not exists (select from audit_leaf l where l.organization_id = e.organization_id and l.event_id = e.id)
order by e.xact, e.id limit 1
"""
WITHIN = "organization_id = %(organization)s and xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"
COUNTED = (
    f"select (select count(*) from audit_event where {WITHIN}), (select count(*) from audit_rowimage where {WITHIN})"  # noqa: S608
)
UNSEALED = """
select count(*) from (
  select from audit_event where organization_id = %(organization)s and xact >= %(through)s::text::xid8 and id >= %(least)s
  limit %(most)s) waiting
"""
Reach = tuple[UUID, UUID]
"""From which id on, and before which."""
EVERYWHERE = (stored.ANY, stored.ALL)
MOST_UNSEALED = 1000
"""A look at the newest batches counts no further: while no worker seals, there may be millions."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the seal does not bear out: at which event, and what."""

    number: int | None
    """The event's number in the organization's log; None where it never had one, or where no event is meant."""
    event_id: UUID | None
    what: str

    def __str__(self) -> str:
        nameless = "an event without a number" if self.event_id else "the log"
        where = f"event {self.number:,}" if self.number is not None else nameless
        return f"{where}{f' ({self.event_id})' if self.event_id else ''}: {self.what}"


@dataclass(slots=True)
class Report:
    """What was checked and what did not hold."""

    organization_id: UUID
    events: int = 0
    batches: int = 0
    images: int = 0
    unsealed: int = 0
    expired: int = 0
    """The last batch whose content is no longer kept; its head still has to chain."""
    head: bytes = tree.NOTHING
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether everything held."""
        return not self.faults

    @property
    def first_fault(self) -> Fault | None:
        """The fault at the lowest number; one without a number comes last."""
        return min(self.faults, key=lambda fault: (fault.number is None, fault.number or 0), default=None)


def verify(organization_id: UUID, *, newest: int | None = None, with_images: bool = True) -> Report:
    """Recompute the organization's log: every event, tree, head, signature, the chain, and the row images.

    `newest` limits it to that many batches from the end, each chained to the one before it, and to the months since that one
    was sealed: what was slipped in with the id of another month is found by a whole verification, and where it is shown.
    """
    report = Report(organization_id)
    start = time.perf_counter()
    with scope(organization_id):
        batches = list(Batch.objects.order_by("-number")[: newest and newest + 1])[::-1]
        _chain(report, batches, whole=newest is None)
        before = batches.pop(0) if newest is not None and len(batches) > newest else None
        least = stored.ANY if before is None else ids.least(before.sealed_at, ids.SLACK)
        as_sealed = True
        if newest is None or any(batch.sealed_at <= timezone.now() - LEAST_YEARS * YEAR for batch in batches):
            report.expired = expired_through()
        kept = [batch for batch in batches if batch.number > report.expired]
        elsewhere = False  # whether ids were seen that do not go with their seal: of a log that was imported, or a clock gone wrong
        for batch, own in zip(kept, _reaches(kept, least), strict=True):
            reach = EVERYWHERE if elsewhere else own
            stands = _rows_stand(organization_id, batch, reach)
            if not stands and newest is None and not elsewhere:
                stands = elsewhere = _rows_stand(organization_id, batch, EVERYWHERE)
            if stands:
                report.events += batch.size
            else:
                as_sealed = False
                _contents(report, batch)
            if with_images:
                _images(report, batch, reach)
        if newest is None and kept:
            as_sealed &= _counted(report, kept, with_images=with_images)
        most = None if newest is None else MOST_UNSEALED
        _edges(report, batches, closed=as_sealed, most_unsealed=most, least=least)
    report.batches = len(batches)
    report.head = bytes(batches[-1].head) if batches else tree.NOTHING
    report.seconds = time.perf_counter() - start
    return report


def _reaches(batches: list[Batch], least: UUID) -> Iterator[Reach]:
    """Yield between which ids the rows of each batch have to be: what is elsewhere does not agree with the digest, or is counted."""
    for batch in batches:
        yield least, ids.least(batch.sealed_at, -ids.SLACK)
        least = ids.least(batch.sealed_at, ids.SLACK)


def _counted(report: Report, batches: list[Batch], *, with_images: bool) -> bool:
    """Whether the time of these batches holds as many events as were sealed, whatever their ids; the same of row images."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {
            "organization": report.organization_id, "since": batches[0].since, "through": batches[-1].through,
        })  # fmt: skip
        events, images = cursor.fetchone()
    if with_images and images != report.images:
        what = f"row images were added ({report.images:,} belong to a batch, {images:,} found)"
        report.faults.append(Fault(batches[0].first, None, what))
    return bool(events == sum(batch.size for batch in batches))


def _chain(report: Report, batches: list[Batch], *, whole: bool) -> None:
    if whole and batches:
        first = batches[0]
        if (first.number, first.first, bytes(first.previous_head)) != (1, 1, tree.NOTHING):
            report.faults.append(Fault(1, None, "the first batch of the log is missing"))
    for before, after in pairwise(batches):
        if after.number != before.number + 1 or after.first != before.last + 1 or after.since != before.through:
            report.faults.append(Fault(before.last + 1, None, f"batch {after.number} does not follow {before.number}"))
        elif bytes(after.previous_head) != bytes(before.head):
            report.faults.append(Fault(after.first, None, f"batch {after.number} is not chained to the one before it"))
    _heads(report, batches)
    try:
        _noted(report, batches, whole=whole)
    except heads.Unreadable as fault:
        report.faults.append(Fault(None, None, str(fault)))


def _noted(report: Report, batches: list[Batch], *, whole: bool) -> None:
    """Compare with the heads noted outside the database: all of them, or the newest."""
    if whole:
        noted = list(heads.every(report.organization_id))
        if batches and not noted:
            report.faults.append(Fault(None, None, "no head of it is noted outside the database: its file is missing"))
    else:
        newest = heads.newest(report.organization_id)
        noted = [newest] if newest else []
    standing = {batch.number: batch for batch in batches}
    last = batches[-1] if batches else None
    for number, head in noted:
        batch = standing.get(number)
        if batch is not None and bytes(batch.head) != head:
            report.faults.append(Fault(batch.first, None, f"batch {number} was sealed with another head"))
        elif number > (last.number if last else 0):
            cut = last.last + 1 if last else 1
            report.faults.append(Fault(cut, None, f"the log was cut: batch {number} had been sealed"))
            return


def _heads(report: Report, batches: list[Batch]) -> None:
    for batch in batches:
        if not _head_holds(batch):
            report.faults.append(Fault(batch.first, None, f"the head of batch {batch.number} is not what it says"))
        elif not batch.is_signed():
            report.faults.append(
                Fault(batch.first, None, f"the head of batch {batch.number} is not signed by a key of ours")
            )


def _head_holds(batch: Batch) -> bool:
    try:
        return batch.computed_head() == bytes(batch.head)
    except OverflowError:  # a number that no sealer writes
        return False


def _rows_stand(organization_id: UUID, batch: Batch, reach: Reach) -> bool:
    """Whether the batch's events and leaves are bit for bit what was sealed, with none missing and none slipped in."""
    if not batch.rows_digest:
        return False
    found = stored.rows_digest(
        organization_id,
        batch_id=batch.pk,
        since=batch.since,
        through=batch.through,
        first=batch.first,
        last=batch.last,
        least=reach[0],
        most=reach[1],
    )
    return found == bytes(batch.rows_digest)


def _contents(report: Report, batch: Batch) -> None:
    expected, leaves = batch.first, []
    for number, event_id, digest, batch_id, same, found in _leaves(report.organization_id, batch):
        if number != expected:
            report.faults.append(Fault(expected, None, "its place in the log is missing"))
            expected = number
        if not found:
            report.faults.append(Fault(number, event_id, "it was deleted"))
        elif not same:
            report.faults.append(Fault(number, event_id, "it is not what was sealed"))
        elif batch_id != batch.pk:
            report.faults.append(Fault(number, event_id, f"its place does not belong to batch {batch.number}"))
        leaves.append(bytes(digest))
        expected += 1
    if expected != batch.last + 1:
        report.faults.append(Fault(expected, None, "its place in the log is missing"))
    elif tree.root(leaves) != bytes(batch.root):
        where = f"one of the events {batch.first:,} to {batch.last:,} and its place were both changed"
        report.faults.append(Fault(batch.first, None, where))
    report.events += len(leaves)


def _leaves(organization_id: UUID, batch: Batch) -> Iterator[tuple[int, UUID, bytes, UUID, bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(MATCHES, {
            "organization": organization_id, "first": batch.first, "last": batch.last, "least": stored.ANY, "greatest": stored.ALL,
        })  # fmt: skip
        yield from cursor.fetchall()


def _images(report: Report, batch: Batch, reach: Reach) -> None:
    sealed = batch.images, bytes(batch.images_digest)
    count, digest = _images_found(report.organization_id, batch, reach)
    if (count, digest) != sealed:
        count, digest = _images_found(report.organization_id, batch, EVERYWHERE)
    report.images += count
    if (count, digest) != sealed:
        what = f"row images of batch {batch.number} were changed ({batch.images:,} sealed, {count:,} found)"
        report.faults.append(Fault(batch.first, None, what))


def _images_found(organization_id: UUID, batch: Batch, reach: Reach) -> tuple[int, bytes]:
    window: dict[str, Any] = {"since": batch.since, "through": batch.through}
    if batch.rows_digest:
        return stored.images_digest(organization_id, **window, least=reach[0], most=reach[1])
    with connection.cursor() as cursor:
        cursor.execute(OLD_IMAGES, {"organization": organization_id, **window})
        count, digest = cursor.fetchone()
    return count, bytes(digest)


def _edges(report: Report, batches: list[Batch], *, closed: bool, most_unsealed: int | None, least: UUID) -> None:
    """Look outside the batches; where all of them are `closed`, nothing can have been slipped into one."""
    last = batches[-1] if batches else None
    values: dict[str, Any] = {
        "organization": report.organization_id,
        "since": batches[0].since if batches else 0,
        "through": last.through if last else 0,
        "last": last.last if last else 0,
        "most": most_unsealed,
        "least": least,
    }
    with connection.cursor() as cursor:
        cursor.execute(STRAYS, values)
        for _ in cursor.fetchall():
            report.faults.append(Fault(values["last"] + 1, None, "it has a place in no batch"))
        if not closed:
            cursor.execute(SLIPPED_IN, values)
        for (event_id,) in [] if closed else cursor.fetchall():
            report.faults.append(Fault(None, event_id, "it was added to a period that was sealed without it"))
        cursor.execute(UNSEALED, values)
        report.unsealed = cursor.fetchone()[0]


def verify_shown(organization_id: UUID, event_ids: Collection[UUID]) -> Report:
    """Recompute what the seal says of these events: each against its leaf, the tree of its batch, the signed head.

    Of a batch only its leaves' hashes are read, so it takes milliseconds however old the events are. An event in the time
    of a sealed batch that has no leaf was slipped in. `events` counts those that were recomputed, `unsealed` the newest.
    """
    report, start = Report(organization_id), time.perf_counter()
    with scope(organization_id):
        leaves = dict(Leaf.objects.filter(event_id__in=event_ids).values_list("number", "event_id"))
        held = Q(pk__in=Leaf.objects.filter(number__in=leaves).values("batch_id"))
        newest = Batch.objects.newest()
        for batch in Batch.objects.filter(held).order_by("number"):
            _heads(report, [batch])
            _places(report, batch, {number: pk for number, pk in leaves.items() if batch.first <= number <= batch.last})
            report.batches += 1
        loose = Event.objects.filter(pk__in=set(event_ids) - set(leaves.values()))
        for pk, xact in loose.values_list("pk", "xact"):
            if newest and xact < newest.through:
                report.faults.append(Fault(None, pk, "it was added to a period that was sealed without it"))
            else:
                report.unsealed += 1
    report.seconds = time.perf_counter() - start
    return report


def _places(report: Report, batch: Batch, shown: dict[int, UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"organization": report.organization_id, "first": batch.first, "last": batch.last})
        hashes = [bytes(digest) for (digest,) in cursor.fetchall()]
        if len(hashes) != batch.size or tree.root(hashes) != bytes(batch.root):
            what = f"the places of batch {batch.number} are not what was sealed"
            report.faults.append(Fault(min(shown), None, what))
        cursor.execute(f"{MATCH} and l.number = any(%(numbers)s)", {
            "organization": report.organization_id, "numbers": list(shown), "least": min(shown.values()),
            "greatest": max(shown.values()),
        })  # fmt: skip
        for number, event_id, _, _, same, found in cursor.fetchall():
            if not same:
                what = "it is not what was sealed" if found else "it was deleted"
                report.faults.append(Fault(number, event_id, what))
    report.events += len(shown)


def reading_yardstick(organization_id: UUID) -> float:
    """Read the events' stored bytes and hash each with bare hashlib, nothing else; return the seconds."""
    with scope(organization_id):
        newest = Batch.objects.newest()
        if newest is None:
            return 0.0
        start = time.perf_counter()
        for row in stored.events(organization_id, through=newest.through):
            hashlib.sha256(row).digest()
        return time.perf_counter() - start


def yardstick(organization_id: UUID, most: int = 200_000) -> tuple[int, float]:
    """Hash the canonical bytes of the sealed events with bare hashlib; return how many and the seconds of hashing alone."""
    with scope(organization_id), connection.cursor() as cursor:
        cursor.execute(
            "select audit_canonical(e) from audit_event e where e.organization_id = %s limit %s",
            [organization_id, most],
        )
        texts = [bytes(text) for (text,) in cursor.fetchall()]
    sha256, start = hashlib.sha256, time.perf_counter()
    for text in texts:
        sha256(text).digest()
    return len(texts), time.perf_counter() - start
