"""How long the log is kept: six years and more, whole batches at a time, never under a legal hold.

What ends is the content: events, and row images that a later one has followed. Batches and leaves stay, so that the chain of heads
still verifies and a proof somebody kept still fits. The ending is an event of the log itself, and a check takes its word only for
batches that were old enough: whoever deletes younger ones is found.

Where nobody's hold is in the way the rows themselves go with their whole month (`audit.ending`), which costs nothing by the row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from audit import own_actions
from audit.actor import Actor
from audit.models import Batch, Event, LegalHold
from audit.models.event import record
from audit.models.legal_hold import KEPT_STILL
from tenancy.scope import scope

LEAST_YEARS = 6
"""HIPAA keeps documentation six years (45 CFR 164.316(b)(2)(i))."""
YEAR = timedelta(days=365.25)
BATCHES = 100
"""Batches that end in one transaction."""
BY = Actor.system("retention")
WINDOW = "organization_id = %(organization)s and xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"
COUNTED = f"select count(*) from audit_event where {WINDOW}"  # noqa: S608 - constants only
EVENTS = f"delete from audit_event where {WINDOW} and (id < %(spared)s or id >= %(up_to)s)"  # noqa: S608
IMAGES = f"""
delete from audit_rowimage i where i.{WINDOW.replace(" and ", " and i.")} and (i.id < %(spared)s or i.id >= %(up_to)s)
  and exists (select from audit_rowimage later where later.organization_id = i.organization_id
    and later.row_id = i.row_id and later."table" = i."table" and later.id > i.id and later.xact < %(through)s::text::xid8)
"""  # noqa: S608
"""The last image of each row stays: it is how the row stood on every later day."""


NOTHING = UUID(int=0)
Archive = Callable[[UUID, int, int], object]
"""Is given an organization and the first and last batch whose content is about to end."""


class Held(RuntimeError):
    """A legal hold stands: nothing expires."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What ended."""

    batches: int
    events: int
    images: int


def cutoff() -> datetime:
    """Return the moment before which a batch has to have been sealed for its content to end."""
    years: int = settings.AUDIT_RETENTION_YEARS
    return timezone.now() - years * YEAR


def expire(
    organization_id: UUID, *, spared: tuple[UUID, UUID] = (NOTHING, NOTHING), archive: Archive | None = None
) -> Expired:
    """End the keeping of everything older than AUDIT_RETENTION_YEARS, as the database's owner. Raise Held.

    Batch by batch in short transactions: where it is broken off it goes on the next time. What ends is written to the
    `archive` first. Rows with ids in `spared`, from the one up to the other, are left to go with their months; what an
    earlier turn spared goes now where its month then stayed.
    """
    total, before = Expired(0, 0, 0), cutoff()
    while batches := _ending(organization_id, before):
        if archive:
            archive(organization_id, batches[0].number, batches[-1].number)
        done = _end(organization_id, batches, spared)
        total = Expired(total.batches + done.batches, total.events + done.events, total.images + done.images)
    _sweep(organization_id, spared)
    return total


def expired_through() -> int:
    """Return the last batch of the organization in scope whose content may rightly be gone; 0 where there is none."""
    marker = Event.objects.filter(action=own_actions.LOG_EXPIRED.name).order_by("-id").first()
    if marker is None:
        return 0
    batch = Batch.objects.filter(number=int(marker.data.get("through", 0))).first()
    if batch is None or marker.recorded_at - batch.sealed_at < LEAST_YEARS * YEAR:
        return 0
    return batch.number


def _ending(organization_id: UUID, before: datetime) -> list[Batch]:
    with scope(organization_id):
        _refuse_if_held()
        old = Batch.objects.filter(number__gt=expired_through(), sealed_at__lt=before)
        return list(old.order_by("number")[:BATCHES])


def _end(organization_id: UUID, batches: list[Batch], spared: tuple[UUID, UUID]) -> Expired:
    with scope(organization_id), connection.cursor() as cursor:
        cursor.execute(KEPT_STILL, [organization_id])
        _refuse_if_held()
        if batches[0].number <= expired_through():
            return Expired(0, 0, 0)  # another process was faster
        window = _window(organization_id, batches[0].since, batches[-1].through, spared)
        cursor.execute(COUNTED, window)
        (events,) = cursor.fetchone()
        cursor.execute(EVENTS, window)
        cursor.execute(IMAGES, window)
        images = cursor.rowcount
        record(own_actions.LOG_EXPIRED, by=BY, subject=batches[-1], through=batches[-1].number, events=events)
        return Expired(len(batches), events, images)


def _sweep(organization_id: UUID, spared: tuple[UUID, UUID]) -> None:
    """Delete what the log says has ended and no month took with it: a hold came between, or a lock was not to be had."""
    with scope(organization_id), connection.cursor() as cursor:
        cursor.execute(KEPT_STILL, [organization_id])
        _refuse_if_held()
        last = Batch.objects.filter(number=expired_through()).first()
        if last is not None:
            window = _window(organization_id, 0, last.through, spared)
            cursor.execute(EVENTS, window)
            cursor.execute(IMAGES, window)


def _window(organization_id: UUID, since: int, through: int, spared: tuple[UUID, UUID]) -> dict[str, Any]:
    return {
        "organization": organization_id,
        "since": since,
        "through": through,
        "spared": spared[0],
        "up_to": spared[1],
    }


def _refuse_if_held() -> None:
    if hold := LegalHold.objects.in_force().order_by("placed_at").first():
        raise Held(
            f"The legal hold {hold.matter} stands since {hold.placed_at:%Y-%m-%d}: nothing expires before it is released."
        )
