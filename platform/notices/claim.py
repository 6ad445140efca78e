"""Taking due reminders up into messages: one short transaction, under a lease, never waiting for another worker."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from notices import times
from notices.channels import MAIL
from notices.fault_points import reach
from notices.models import Reminder, ReminderPolicy
from notices.models.reminder import OPEN, State, message_id, next_digest
from tenancy.scope import current

BATCH, UNSURE_BATCH = 100, 50
"""Messages taken up together; fewer where the server cannot be asked, for all that a dead worker leaves are flagged then."""
LEASE = timedelta(seconds=15)
MARGIN = timedelta(seconds=7)
"""No message is begun with less of its lease left than this: more than the mail server's timeout."""
DIGESTS_LOOKED_AT = 200
LEAST_DIGESTS = 5


@dataclass(slots=True)
class Envelope:
    """The reminders of one message in this worker's hands until the lease ends."""

    message: UUID
    rows: list[Reminder]
    lease_until: datetime
    lapsed: bool = False
    """Another worker had it and said nothing: the server is asked before it is sent."""
    flagged: bool = field(default=False)

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every try."""
        return message_id(self.message, self.rows[0].resends, self.rows[0].organization_id)

    @property
    def apart(self) -> bool:
        """Whether it is a message of its own and no digest."""
        return self.rows[0].apart


@transaction.atomic
def claim(limit: int = BATCH, *, channel: str = MAIL, lease: timedelta | None = None) -> list[Envelope]:
    """Take up to `limit` messages of the organization in scope. What another worker holds is passed over."""
    reach("before-claim")
    now = timezone.now()
    until = now + (lease or LEASE)
    ready = list(
        Reminder.objects.ready(now)
        .filter(channel=channel)
        .filter(Q(apart=True) | Q(message__isnull=False))
        .select_related("recipient")
        .order_by("next_at", "id")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))[:limit]  # each row is a message: none in vain
    )
    envelopes = _again([row for row in ready if row.message], until)
    envelopes += [Envelope(row.pk, [row], until) for row in ready if row.message is None]
    envelopes += _digests(channel, now, until, max(limit - len(envelopes), LEAST_DIGESTS))
    _take(envelopes)
    return envelopes


def _again(carriers: list[Reminder], until: datetime) -> list[Envelope]:
    """Messages that were tried before, with all their reminders that are still wanted."""
    together: dict[UUID, list[Reminder]] = defaultdict(list)
    messages = [row.message for row in carriers]
    for row in Reminder.objects.filter(message__in=messages, state__in=OPEN).select_related("recipient").order_by("pk"):
        assert row.message
        together[row.message].append(row)
    return [
        Envelope(message, rows, until, lapsed=any(row.state == State.SENDING for row in rows))
        for message, rows in together.items()
    ]


def _digests(channel: str, now: datetime, until: datetime, limit: int) -> list[Envelope]:
    """At most one digest per person and day: the person is locked while it is put together.

    The reminders are locked after the person and not skipped: one left out here would wait for tomorrow's digest.
    """
    ready = Reminder.objects.ready(now).filter(channel=channel, apart=False, message=None)
    wanted = ready.order_by("next_at", "id").values_list("recipient_id", flat=True)[:DIGESTS_LOOKED_AT]
    people = _locked_people(channel, wanted, limit)
    if not people:
        return []
    taken = _digest_today(channel, people, now)
    policy = ReminderPolicy.current()
    waiting: dict[UUID, list[Reminder]] = defaultdict(list)
    mine = ready.filter(recipient__in=people)
    locked = mine.select_related("recipient").order_by("pk").select_for_update(no_key=True, of=("self",))
    for row in locked:
        waiting[row.recipient_id].append(row)
    envelopes = []
    for person, theirs in waiting.items():
        if person in taken:
            first = theirs[0]
            when = taken[person] or next_digest(first, now, policy, first.recipient)
            Reminder.objects.filter(pk__in=[row.pk for row in theirs]).update(next_at=when)
        else:
            envelopes.append(Envelope(theirs[0].pk, theirs, until))
    return envelopes


def _locked_people(channel: str, people: Iterable[UUID], limit: int) -> list[UUID]:
    wanted = list(dict.fromkeys(people))[:limit]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select person from unnest(%s::uuid[]) person where pg_try_advisory_xact_lock(hashtextextended(%s || person::text, 0))",
            [wanted, f"{channel} digest {current().organization_id} "],
        )
        return [person for (person,) in cursor.fetchall()]


def _digest_today(channel: str, people: list[UUID], now: datetime) -> dict[UUID, datetime | None]:
    """People whose digest of today is gone (None), or on its way (when to look again)."""
    rows = (
        Reminder.objects.filter(recipient__in=people, channel=channel, apart=False, message__isnull=False)
        .filter(Q(state__in=OPEN) | Q(state=State.SENT, sent_at__gt=now - timedelta(hours=36)))
        .values("recipient_id", "time_zone")
        .annotate(last=Max("sent_at", filter=Q(state=State.SENT)), open=Count("pk", filter=Q(state__in=OPEN)))
        .order_by()
    )
    taken: dict[UUID, datetime | None] = {}
    for row in rows:
        zone = times.zone_of(row["time_zone"])
        if row["open"]:
            taken[row["recipient_id"]] = now + timedelta(minutes=1)
        elif row["last"] and row["last"].astimezone(zone).date() == now.astimezone(zone).date():
            taken.setdefault(row["recipient_id"], None)
    return taken


def _take(envelopes: list[Envelope]) -> None:
    """Write the lease: one reminder of each message carries it, so that the message is found as one."""
    if not envelopes:
        return
    ids, messages, leases = [], [], []
    for envelope in envelopes:
        for number, row in enumerate(envelope.rows):
            ids.append(row.pk)
            messages.append(envelope.message)
            leases.append(envelope.lease_until if number == 0 else None)
            row.state, row.message, row.attempt = State.SENDING, envelope.message, row.attempt + 1
    with connection.cursor() as cursor:
        cursor.execute(
            "update notices_reminder r set state = 'sending', attempt = r.attempt + 1, message = c.message, next_at = c.lease"
            " from unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) as c (id, message, lease)"
            " where r.organization_id = %s and r.id = c.id and r.state in ('due', 'sending')",
            [ids, messages, leases, current().organization_id],
        )
