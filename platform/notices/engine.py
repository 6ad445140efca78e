"""Sending what is due: found by the sweep, taken up under a lease, handed over outside any transaction, written down.

due --claim--> sending --accepted--> sent
                  |---- 4xx -------> due (later)
                  |---- 5xx -------> failed
                  `---- no word ---> lease lapses; the next claim asks the server before it sends
"""

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, connections, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models import Cursor
from audit.models.event import record
from audit.timer import every
from notices import audit, inbox, mail, returns, webhook
from notices.claim import MARGIN, Envelope, claim
from notices.delivery import Acceptance, Outcome, Postman, acceptance
from notices.fault_points import reach
from notices.models import MessageEvent, Reminder
from notices.models.message_event import Outcome as Happened
from notices.models.reminder import State
from tenancy.scope import scope

log = logging.getLogger(__name__)

ENGINE = Actor.system("reminders")
SWEEP_SECONDS = 15
SCAN = 50_000
"""Rows that one scan looks at: several times what goes out before the next sweep, so that no worker waits for it."""
MESSAGES_PER_TASK = 50
TASKS_PER_ORGANIZATION = 8
LONGEST_TURN = 60.0
PATIENCE = timedelta(minutes=1)
"""What waits longer than this although the workers were told is sent by the sweep itself: a worker may be alive and deaf."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
REFUSALS = 40
"""Refused "for now" this often, about a day and a half, a message has failed."""


@every(SWEEP_SECONDS, "reminder sweep")
def sweep() -> int:
    """Ring for every organization with something due; send here what nobody heard of. Return how many were due.

    One process at a time holds the cursor's row; the others leave the sweep to it.
    """
    unheard: list[UUID] = []
    with transaction.atomic():
        cursor = Cursor.take("reminder sweep", not_within=timedelta(seconds=SWEEP_SECONDS - 5))
        if cursor is None:
            return 0
        due = due_by_organization()
        broker_answers = True
        for organization_id, count, since in due:
            broker_answers = broker_answers and _ring(organization_id, count)
            if not broker_answers or timezone.now() - since > PATIENCE:
                unheard.append(organization_id)
        cursor.move()
    for organization_id in unheard:
        send_due(organization_id)
    return sum(count for _, count, _ in due)


def due_by_organization() -> list[tuple[UUID, int, datetime]]:
    """Return how much is due where, and since when: one indexed scan over all organizations, read as steward."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, count(*), min(next_at) from (select organization_id, next_at from notices_reminder"
            " where state in ('due', 'sending') and next_at <= %s order by next_at limit %s) due group by 1",
            [timezone.now(), SCAN],
        )
        found: list[tuple[UUID, int, datetime]] = steward.fetchall()
        return found


def send_due(organization_id: UUID) -> int:
    """Send what is due in one organization, batch by batch; return how many messages were accepted."""
    postman, asking = Postman(), acceptance()
    until = time.monotonic() + LONGEST_TURN
    sent = 0
    with scope(organization_id):
        inbox.deliver()
    try:
        while time.monotonic() < until:
            with scope(organization_id):
                envelopes = claim()
            if not envelopes:
                break
            reach("after-claim")
            sent += _deliver(organization_id, envelopes, postman, asking)
    finally:
        postman.close()
    while time.monotonic() < until and webhook.deliver(organization_id):
        continue
    return sent


def _ring(organization_id: UUID, count: int) -> bool:
    from notices.tasks import send_due as task

    tasks = min(-(-count // MESSAGES_PER_TASK), TASKS_PER_ORGANIZATION)
    try:
        for _ in range(tasks):
            task.apply_async(args=(str(organization_id),), expires=60)
    except Exception as error:
        log.warning("the workers could not be told of due reminders (%s); they are sent from here", error)
        return False
    return True


def _deliver(organization_id: UUID, envelopes: list[Envelope], postman: Postman, asking: Acceptance) -> int:
    with scope(organization_id):
        letters = mail.compose(envelopes)
    ledger = _Ledger(organization_id, 1 if not asking.can_ask else len(letters))
    for letter in letters:
        envelope = letter.envelope
        known = asking.accepted(envelope.message_id) if envelope.lapsed else False
        if known:
            ledger.accepted(letter, Happened.KNOWN)
            continue
        ledger.leave(letter)
        if letter.message is None:
            continue
        if envelope.lease_until - timezone.now() < MARGIN:
            ledger.put_back(envelope)
            continue
        envelope.flagged = envelope.lapsed and known is None
        outcome, words = postman.send(letter.message)
        if outcome is Outcome.ACCEPTED:
            ledger.accepted(letter, Happened.ACCEPTED, words)
        elif outcome is Outcome.NOT_NOW:
            ledger.not_now(envelope, words)
        elif outcome is Outcome.REFUSED:
            ledger.refused(envelope, words)
        elif outcome is Outcome.UNREACHED:
            ledger.put_back(envelope, words, timezone.now() + FIRST_WAIT)
        else:
            ledger.unknown(envelope, words)
    ledger.write()
    reach("after-mark")
    return ledger.sent


class _Ledger:
    """Outcomes on their way to the rows: in one transaction for a batch, or at once where the server cannot be asked."""

    def __init__(self, organization_id: UUID, hold: int) -> None:
        self.organization_id = organization_id
        self.hold = hold
        self.sent = 0
        self._accepted: list[mail.Letter] = []
        self._changes: list[tuple[list[UUID], dict[str, object]]] = []
        self._failures: list[tuple[Envelope, str]] = []
        self._tries: list[MessageEvent] = []
        self._withheld: list[Reminder] = []
        self._gone: set[UUID] = set()

    def accepted(self, letter: mail.Letter, how: Happened, words: str = "") -> None:
        self.sent += 1
        self._tried(letter.envelope, how, words)
        self._accepted.append(letter)
        if len(self._accepted) >= self.hold:
            self.write()

    def leave(self, letter: mail.Letter) -> None:
        """Reminders that do not go: not wanted any more, kept back, or not to be written."""
        envelope = letter.envelope
        states = ((State.CANCELLED, letter.dropped), (State.WITHHELD, letter.withheld), (State.FAILED, letter.broken))
        for state, left in states:
            for pk, reason in left.items():
                title = letter.titles.get(pk, "")[:200]
                self._changes.append(
                    ([pk], {"state": state, "next_at": None, "last_error": reason[:300], "title": title})
                )
            self._gone |= left.keys()
        self._withheld += [row for row in envelope.rows if row.pk in letter.withheld]
        stay = self._stay(envelope)
        if stay and len(stay) < len(envelope.rows):
            # The lease moves to one that stays: the message would be forgotten if this worker died now.
            self._changes.append((stay[:1], {"next_at": envelope.lease_until}))
            self.write()

    def not_now(self, envelope: Envelope, words: str) -> None:
        refusals = envelope.rows[0].refusals + 1
        if refusals >= REFUSALS:
            self.refused(envelope, words)
            return
        self._tried(envelope, Happened.NOT_NOW, words)
        wait = min(FIRST_WAIT * 2 ** min(refusals - 1, 12), LONGEST_WAIT)
        self._again(envelope, words, timezone.now() + wait, refusals=refusals)

    def refused(self, envelope: Envelope, words: str) -> None:
        self._tried(envelope, Happened.REFUSED, words)
        self._changes.append(
            (self._stay(envelope), {"state": State.FAILED, "next_at": None, "last_error": words[:300]})
        )
        self._failures.append((envelope, words))

    def put_back(self, envelope: Envelope, words: str = "", when: object = None) -> None:
        """Nothing was sent: it is due again. What had lapsed stays to be asked about."""
        if words:
            self._tried(envelope, Happened.UNREACHED, words)
        if envelope.lapsed:
            self._changes.append((self._stay(envelope), {"last_error": words[:300]}))
            return
        self._again(envelope, words, when or timezone.now())

    def unknown(self, envelope: Envelope, words: str) -> None:
        """The lease runs out by itself, then the server is asked."""
        self._tried(envelope, Happened.UNKNOWN, words)
        self._changes.append((self._stay(envelope), {"last_error": words[:300]}))

    def write(self) -> None:
        if not (self._accepted or self._changes or self._tries):
            return
        with scope(self.organization_id):
            self._mark_accepted()
            for pks, values in self._changes:
                Reminder.objects.filter(pk__in=pks, state=State.SENDING).update(**values)
            MessageEvent.objects.bulk_create(self._tries)
            Reminder.show_instead(self._withheld)
            for envelope, words in self._failures:
                row = envelope.rows[0]
                record(
                    audit.REMINDER_FAILED, by=ENGINE, subject=row, message_id=envelope.message_id, reason=words[:300]
                )
                returns.refused(envelope.rows, words)
        self._accepted, self._changes, self._failures, self._tries, self._withheld = [], [], [], [], []

    def _mark_accepted(self) -> None:
        rows = [(row, letter) for letter in self._accepted for row in letter.envelope.rows if row.pk not in self._gone]
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "update notices_reminder r set state = 'sent', sent_at = %s, next_at = null, last_error = '',"
                " sent_to = w.address, title = w.title, possible_duplicate = r.possible_duplicate or w.flagged"
                " from unnest(%s::uuid[], %s::text[], %s::text[], %s::boolean[]) as w (id, address, title, flagged)"
                " where r.organization_id = %s and r.id = w.id and r.state in ('due', 'sending')",
                [
                    timezone.now(),
                    [row.pk for row, _ in rows],
                    [row.recipient.email for row, _ in rows],
                    [letter.titles.get(row.pk, "")[:200] for row, letter in rows],
                    [letter.envelope.flagged for _, letter in rows],
                    self.organization_id,
                ],
            )

    def _tried(self, envelope: Envelope, how: Happened, words: str) -> None:
        resends = envelope.rows[0].resends
        self._tries.append(MessageEvent.tried(envelope.message, resends, how, words, self.organization_id))

    def _again(self, envelope: Envelope, words: str, when: object, **values: object) -> None:
        stay = self._stay(envelope)
        common = {"state": State.DUE, "last_error": words[:300], **values}
        # The carrier last: while it is still in `sending` with its lease, the others cannot be lost.
        if stay[1:]:
            self._changes.append((stay[1:], {**common, "next_at": None}))
        self._changes.append((stay[:1], {**common, "next_at": when}))

    def _stay(self, envelope: Envelope) -> list[UUID]:
        return [row.pk for row in envelope.rows if row.pk not in self._gone]
