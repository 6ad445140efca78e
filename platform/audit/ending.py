"""Ends whole months of the log: once the content of everything in a month has ended, its partition is taken off and dropped.

As the database's owner. A month stays while one organization's legal hold stands over a row in it, or while an event in it is
not sealed or its batch is too young; the others' content in it then ends row by row (`audit.retention`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.models import Batch, LegalHold
from audit.models.legal_hold import KEPT_STILL
from audit.retention import NOTHING, expired_through
from tenancy import months
from tenancy.months import Month
from tenancy.scope import scope

EVENTS, IMAGES = "audit_event", "audit_rowimage"
MARGIN = timedelta(days=1)
"""What was written in the last second of a month was sealed by then."""
REACH = "select organization_id, max(xact::text::bigint) from {month} group by organization_id order by organization_id"
KEEP = """
create temporary table kept on commit drop as select i.* from {month} i
left join unnest(%(organizations)s::uuid[], %(through)s::bigint[]) as ended (organization_id, through)
  on ended.organization_id = i.organization_id
where ended.through is null or i.xact >= ended.through::text::xid8 or not exists (
  select from audit_rowimage later where later.organization_id = i.organization_id and later.row_id = i.row_id
    and later."table" = i."table" and later.id > i.id and later.id < %(up_to)s)
"""
"""How each row stood when the month ended, which is how it stood until its next image, however much later that is."""
FOLLOWED = """
delete from audit_rowimage_rest r
using unnest(%(organizations)s::uuid[], %(through)s::bigint[]) as ended (organization_id, through)
where r.organization_id = ended.organization_id and r.id < %(least)s and r.xact < ended.through::text::xid8 and exists (
  select from {month} later where later.organization_id = r.organization_id and later.row_id = r.row_id
    and later."table" = r."table" and later.xact < ended.through::text::xid8)
"""
"""What an earlier month left and this one followed; of an organization whose batch has not ended everything stays, it is sealed."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A month that is gone, with the row images that stay because nothing followed them in it."""

    table: str
    month: Month
    kept: int = 0


def ending(before: datetime) -> tuple[UUID, UUID]:
    """Return from which id on up to which one whole months of events can go once the content in them has ended."""
    going = list(takewhile(lambda month: _free(EVENTS, month, before=before), _over(EVENTS, before)))
    return (going[0].least, going[-1].following.least) if going else (NOTHING, NOTHING)


def drop_months(before: datetime) -> Iterator[Dropped]:
    """Take off and drop, oldest first, each month of which nothing is kept any more; yield what is gone.

    Each in a transaction of its own. Raises OperationalError where a lock is not to be had within seconds; the next turn goes on.
    """
    for month in _over(EVENTS, before):
        with transaction.atomic(), connection.cursor() as cursor:
            if gone := _free(EVENTS, month, before=before, ended={}):
                cursor.execute(f"drop table {months.detach(cursor, EVENTS, month)}")
        if gone:
            yield Dropped(EVENTS, month)
    for month in _over(IMAGES, before):
        ended: dict[UUID, int] = {}
        with transaction.atomic(), connection.cursor() as cursor:
            kept = _drop_images(cursor, month, ended) if _free(IMAGES, month, before=before, ended=ended) else None
        if kept is not None:
            yield Dropped(IMAGES, month, kept)


def _over(table: str, before: datetime) -> list[Month]:
    return [month for month in months.standing(table) if month.following.first < before - MARGIN]


def _free(table: str, month: Month, *, before: datetime, ended: dict[UUID, int] | None = None) -> bool:
    """Whether nobody keeps a row of the month. With `ended`, only what the logs say has ended counts, and is noted there.

    Row images that no batch reaches (of an organization where nothing happened afterwards) hold no month up: they are kept.
    """
    with connection.cursor() as cursor:
        cursor.execute(REACH.format(month=month.name(table)))
        reach: list[tuple[UUID, int]] = cursor.fetchall()
        for organization_id, last in reach:
            with scope(organization_id):
                if ended is not None:
                    cursor.execute(KEPT_STILL, [organization_id])
                batch = Batch.objects.filter(through__gt=last).order_by("number").first()
                old = batch is not None and batch.sealed_at < before
                if batch and ended is not None and (old := batch.number <= expired_through()):
                    ended[organization_id] = batch.through
                if LegalHold.objects.in_force().exists() or not (old or table == IMAGES):
                    return False
    return True


def _drop_images(cursor: Any, month: Month, ended: dict[UUID, int]) -> int:
    name = month.name(IMAGES)
    values = {
        "organizations": list(ended),
        "through": list(ended.values()),
        "least": month.least,
        "up_to": month.following.least,
    }
    cursor.execute(KEEP.format(month=name), values)
    cursor.execute(FOLLOWED.format(month=name), values)
    months.detach(cursor, IMAGES, month)
    cursor.execute("insert into audit_rowimage select * from kept")
    kept = int(cursor.rowcount)
    cursor.execute(f"drop table {name}")
    return kept
