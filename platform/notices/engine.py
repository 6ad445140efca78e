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

from django.db import connections, transaction
from django.utils import timezone

from audit.models import Cursor
from audit.timer import every
from notices import inbox, judging, mail, outcomes, push, webhook
from notices.channels import PUSH, WEBHOOK
from notices.claim import BATCH, MARGIN, UNSURE_BATCH, Envelope, claim
from notices.delivery import Acceptance, Outcome, Postman, acceptance
from notices.fault_points import reach
from notices.models import Reminder
from notices.models.message_event import Outcome as Happened
from notices.outcomes import Ledger
from tenancy.scope import scope

log = logging.getLogger(__name__)

SWEEP_SECONDS = 15
SCAN = 50_000
"""Rows that one scan looks at: several times what goes out before the next sweep, so that no worker waits for it."""
MESSAGES_PER_TASK = 200
"""A task goes on until nothing is left; more tasks than workers find nothing, and each costs as much as twenty messages."""
TASKS_PER_ORGANIZATION = 8
LONGEST_TURN = 60.0
PATIENCE = timedelta(minutes=1)
"""What waits longer than this although the workers were told is sent by the sweep itself: a worker may be alive and deaf."""


OTHER_WAYS = {PUSH: push.deliver, WEBHOOK: webhook.deliver}


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
        try:
            send_due(organization_id)
        except Exception:
            log.exception("what is due in %s could not be sent; the others do not wait for it", organization_id)
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
    batch = BATCH if asking.can_ask else UNSURE_BATCH
    until = time.monotonic() + LONGEST_TURN
    sent = 0
    with scope(organization_id):
        inbox.deliver()
    try:
        while time.monotonic() < until:
            with scope(organization_id):
                envelopes = claim(batch)
            if not envelopes:
                break
            reach("after-claim")
            sent += _deliver(organization_id, envelopes, postman, asking)
            if len(envelopes) < batch and all(envelope.apart for envelope in envelopes):
                break  # nothing was left behind; of digests only so many are looked at
    finally:
        postman.close()
    with scope(organization_id):
        waiting = Reminder.objects.ready(timezone.now()).filter(channel__in=OTHER_WAYS).order_by()
        ways = set(waiting.values_list("channel", flat=True).distinct())
    for way in ways:
        while time.monotonic() < until and OTHER_WAYS[way](organization_id):
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
    ledger = Ledger(organization_id, len(envelopes) if asking.can_ask else 1)
    with scope(organization_id):
        letters = mail.compose(envelopes)
    for letter in judging.in_turn(organization_id, letters, mail.look_again):
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
            ledger.put_back(envelope, words, timezone.now() + outcomes.FIRST_WAIT)
        else:
            ledger.unknown(envelope, words)
    ledger.write()
    reach("after-mark")
    return ledger.sent
