"""How long the log is kept: six years and more, whole batches at a time, never under a legal hold.

What ends is the content: events, and row images that a later one has followed. Batches and leaves stay, so that the chain of heads
still verifies and a proof somebody kept still fits. The ending is an event of the log itself, and a check takes its word only for
batches that were old enough: whoever deletes younger ones is found.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import own_actions
from audit.actor import Actor
from audit.models import Batch, Event, LegalHold
from audit.models.event import record
from tenancy.scope import scope

LEAST_YEARS = 6
"""HIPAA keeps documentation six years (45 CFR 164.316(b)(2)(i))."""
YEAR = timedelta(days=365.25)
BATCHES = 100
"""Batches that end in one transaction."""
BY = Actor.system("retention")
WINDOW = "organization_id = %(organization)s and xact >= %(since)s::text::xid8 and xact < %(through)s::text::xid8"
EVENTS = f"delete from audit_event where {WINDOW}"  # noqa: S608 - constants only
IMAGES = f"""
delete from audit_rowimage i where i.{WINDOW.replace(" and ", " and i.")}
  and exists (select from audit_rowimage later where later.organization_id = i.organization_id
    and later.row_id = i.row_id and later."table" = i."table" and later.id > i.id and later.xact < %(through)s::text::xid8)
"""  # noqa: S608
"""The last image of each row stays: it is how the row stood on every later day."""


class Held(RuntimeError):
    """A legal hold stands: nothing expires."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What ended."""

    batches: int
    events: int
    images: int


def expire(organization_id: UUID) -> Expired:
    """End the keeping of everything older than AUDIT_RETENTION_YEARS, as the database's owner. Raise Held.

    Batch by batch in short transactions: where it is broken off it goes on the next time.
    """
    total = Expired(0, 0, 0)
    while done := _some(organization_id, timezone.now() - settings.AUDIT_RETENTION_YEARS * YEAR):
        total = Expired(total.batches + done.batches, total.events + done.events, total.images + done.images)
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


def _some(organization_id: UUID, before: datetime) -> Expired | None:
    with scope(organization_id), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('audit.hold ' || %s, 0))", [organization_id])
        old = Batch.objects.filter(number__gt=expired_through(), sealed_at__lt=before)
        batches = list(old.order_by("number")[:BATCHES])
        if not batches:
            return None
        if hold := LegalHold.objects.in_force().order_by("placed_at").first():
            raise Held(
                f"The legal hold {hold.matter} stands since {hold.placed_at:%Y-%m-%d}: nothing expires before it is released."
            )
        window: dict[str, Any] = {
            "organization": organization_id,
            "since": batches[0].since,
            "through": batches[-1].through,
        }
        cursor.execute(EVENTS, window)
        events = cursor.rowcount
        cursor.execute(IMAGES, window)
        record(own_actions.LOG_EXPIRED, by=BY, subject=batches[-1], through=batches[-1].number, events=events)
        return Expired(len(batches), events, cursor.rowcount)
