"""What became of the messages that were claimed, on its way to the rows: the same for every way that has a server to ask."""

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices import audit, mail, returns
from notices.claim import Envelope
from notices.models import MessageEvent, Reminder
from notices.models.message_event import SMTP
from notices.models.message_event import Outcome as Happened
from notices.models.reminder import State
from tenancy.scope import scope

ENGINE = Actor.system("reminders")
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
REFUSALS = 40
"""Refused "for now" this often, about a day and a half, a message has failed."""


class Ledger:
    """Outcomes on their way to the rows: in one transaction for a batch, or at once where the server cannot be asked."""

    def __init__(self, organization_id: UUID, hold: int, source: str = SMTP) -> None:
        self.organization_id = organization_id
        self.hold = hold
        self.source = source
        self.sent = 0
        self._accepted: list[mail.Letter] = []
        self._changes: list[tuple[list[UUID], dict[str, object]]] = []
        self._failures: list[tuple[Envelope, str]] = []
        self._tries: list[MessageEvent] = []
        self._withheld: list[Reminder] = []
        self._gone: set[UUID] = set()

    def accepted(self, letter: mail.Letter, how: Happened, words: str = "") -> None:
        """The server has it."""
        self.sent += 1
        self.tried(letter.envelope, how, words)
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

    def not_now(self, envelope: Envelope, words: str, how: Happened = Happened.NOT_NOW) -> None:
        """Refused for now: it comes again, ever later, and has failed in the end."""
        refusals = envelope.rows[0].refusals + 1
        if refusals >= REFUSALS:
            self.refused(envelope, words, Happened.REFUSED if how is Happened.NOT_NOW else how)
            return
        self.tried(envelope, how, words)
        wait = min(FIRST_WAIT * 2 ** min(refusals - 1, 12), LONGEST_WAIT)
        self._again(envelope, words, timezone.now() + wait, refusals=refusals)

    def lost(self, envelope: Envelope, words: str) -> None:
        """Its answer was lost, and there is nobody to ask: it comes again as if refused for now, and says so."""
        envelope.flagged = True
        self.not_now(envelope, words, Happened.UNKNOWN)

    def refused(self, envelope: Envelope, words: str, how: Happened = Happened.REFUSED) -> None:
        """Refused for good."""
        self.tried(envelope, how, words)
        values = {"state": State.FAILED, "next_at": None, "last_error": words[:300], **_flag(envelope)}
        self._changes.append((self._stay(envelope), values))
        self._failures.append((envelope, words))

    def put_back(self, envelope: Envelope, words: str = "", when: object = None) -> None:
        """Nothing was sent: it is due again. What had lapsed stays to be asked about."""
        if words:
            self.tried(envelope, Happened.UNREACHED, words)
        if envelope.lapsed:
            self._changes.append((self._stay(envelope), {"last_error": words[:300]}))
            return
        self._again(envelope, words, when or timezone.now())

    def unknown(self, envelope: Envelope, words: str) -> None:
        """The lease runs out by itself, then the server is asked."""
        self.tried(envelope, Happened.UNKNOWN, words)
        self._changes.append((self._stay(envelope), {"last_error": words[:300]}))

    def write(self) -> None:
        """Write down what came in since the last time."""
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
                if self.source == SMTP:
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
                    [(letter.sent_to or row.recipient.email)[:254] for row, letter in rows],
                    [letter.titles.get(row.pk, "")[:200] for row, letter in rows],
                    [letter.envelope.flagged for _, letter in rows],
                    self.organization_id,
                ],
            )

    def tried(self, envelope: Envelope, how: Happened, words: str) -> None:
        """A try, for the message's story."""
        resends = envelope.rows[0].resends
        self._tries.append(MessageEvent.tried(envelope.message, resends, how, words, self.organization_id, self.source))

    def _again(self, envelope: Envelope, words: str, when: object, **values: object) -> None:
        stay = self._stay(envelope)
        common = {"state": State.DUE, "last_error": words[:300], **_flag(envelope), **values}
        # The carrier last: while it is still in `sending` with its lease, the others cannot be lost.
        if stay[1:]:
            self._changes.append((stay[1:], {**common, "next_at": None}))
        self._changes.append((stay[:1], {**common, "next_at": when}))

    def _stay(self, envelope: Envelope) -> list[UUID]:
        return [row.pk for row in envelope.rows if row.pk not in self._gone]


def _flag(envelope: Envelope) -> dict[str, object]:
    """What may have arrived already stays marked, whatever the next server says."""
    return {"possible_duplicate": True} if envelope.flagged else {}
