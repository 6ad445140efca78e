"""Messages by webhook: signed as standardwebhooks.com says, sent again until they are taken, each under one id.

A receiver that answered and was not heard gets the message again under the same `webhook-id`, and takes it once.
"""

import base64
import hashlib
import hmac
import json
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices import audit, judging, kinds
from notices.calling import LONGEST, Answer, call
from notices.channels import WEBHOOK
from notices.kinds import Description
from notices.models import MessageEvent, Reminder, ReminderPolicy, WebhookEndpoint
from notices.models.message_event import RECEIVER
from notices.models.message_event import Outcome as Happened
from notices.models.reminder import State
from notices.public_addresses import AddressRefused, resolve
from tenancy.models import Organization
from tenancy.scope import current, scope

log = logging.getLogger(__name__)

SENDER = Actor.system("webhook")
BATCH = 20
LEASE = timedelta(seconds=BATCH * LONGEST + 15)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=6)
TRIES = 20
"""About four days; after that it has failed and waits to be sent again by hand."""
GONE = 410
NOWHERE = "The organization has no webhook."
Judged = tuple[Reminder, Description | None, str]


def deliver(organization_id: UUID) -> int:
    """Send what is due in one organization; return how many were taken. No transaction waits for the receiver."""
    with scope(organization_id):
        rows = _claim()
        if not rows:
            return 0
        endpoint = WebhookEndpoint.standing()
        judged = _judged(rows)
        home, policy = Organization.objects.get(pk=current().organization_id), ReminderPolicy.current()
    taken, trouble = 0, None
    for row, about, left_out in judging.in_turn(organization_id, judged, _again):
        if about is None or left_out:
            _write(organization_id, row, state=State.CANCELLED, next_at=None, last_error=left_out[:300])
            continue
        if endpoint is None:
            _reach_nobody(organization_id, row, about, policy)
            continue
        if trouble is not None:
            _later(organization_id, row, trouble, tried=False)
            continue
        answer = post(endpoint, webhook_id(row), payload(row, about, home))
        taken += answer.taken
        if answer.taken:
            _sent(organization_id, row, answer, endpoint, about)
        else:
            trouble = answer if answer.status is None else None
            _refused(organization_id, row, answer, endpoint)
    return taken


def _reach_nobody(organization_id: UUID, row: Reminder, about: Description, policy: ReminderPolicy) -> None:
    """Take back a message for a webhook that was turned off; what goes no other way arrives in Causeway instead."""
    alone = policy.channels_of(kinds.find(row.kind)) == (WEBHOOK,)
    state = State.WITHHELD if alone else State.CANCELLED
    _write(organization_id, row, state=state, next_at=None, last_error=NOWHERE, title=str(about.title)[:200])
    if alone:
        with scope(organization_id):
            Reminder.show_instead([row])


def _judged(rows: list[Reminder]) -> list[Judged]:
    """Return each row with what it says, and why it is not wanted, if so."""
    described, left_out = judging.judge(rows)
    return [(row, described.get(row.pk), left_out.get(row.pk, "")) for row in rows]


def _again(left: list[Judged]) -> list[Judged]:
    return _judged([row for row, _about, _left_out in left])


def payload(row: Reminder, about: Description, home: Organization) -> dict[str, Any]:
    """Return what is sent: never patient data, no link that proves who holds it. `text` is what chat programs show."""
    due = f" (due {about.due_on.isoformat()})" if about.due_on else ""
    return {
        "type": "reminder",
        "timestamp": timezone.now().isoformat(),
        "text": f"{row.recipient}: {about.title}{due} {settings.PUBLIC_ADDRESS}{about.path}",
        "data": {
            "organization": home.slug,
            "kind": row.kind,
            "step": row.step,
            "on": row.on.isoformat(),
            "title": about.title,
            "detail": about.detail,
            "due_on": about.due_on.isoformat() if about.due_on else None,
            "url": settings.PUBLIC_ADDRESS + about.path,
            "reason": row.reason,
            "recipient": {"name": str(row.recipient), "email": row.recipient.email},
        },
    }


def ping(endpoint: WebhookEndpoint) -> Answer:
    """Send a test message now; return what the receiver said."""
    said = {"type": "ping", "timestamp": timezone.now().isoformat(), "text": "Causeway can reach you.", "data": {}}
    return post(endpoint, f"ping_{timezone.now().timestamp():.0f}", said)


def post(endpoint: WebhookEndpoint, identifier: str, said: dict[str, Any]) -> Answer:
    """Hand a message over, signed; never raises for what the receiver does."""
    body = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    try:
        target = resolve(endpoint.url)
    except AddressRefused as refusal:
        return Answer(None, str(refusal))
    moment = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Causeway-Webhook/1",
        "webhook-id": identifier,
        "webhook-timestamp": str(moment),
        "webhook-signature": signature(endpoint.secret, identifier, moment, body),
    }
    return call(target, body, headers)


def signature(secret: str, identifier: str, moment: int, body: bytes) -> str:
    """Return the signature over id, time and body (HMAC-SHA256, version 1 of standardwebhooks.com)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"{identifier}.{moment}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac).decode()


def webhook_id(row: Reminder) -> str:
    """Return the id of the message: the same at every try."""
    return f"msg_{row.pk.hex}.{row.resends}"


@transaction.atomic
def _claim() -> list[Reminder]:
    now = timezone.now()
    ready = Reminder.objects.ready(now).filter(channel=WEBHOOK).select_related("recipient").order_by("next_at", "id")
    rows = list(ready.select_for_update(no_key=True, skip_locked=True, of=("self",))[:BATCH])
    lapsed = [row.pk for row in rows if row.state == State.SENDING]
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.SENDING, message=F("id"), next_at=now + LEASE, attempt=F("attempt") + 1
    )
    Reminder.objects.filter(pk__in=lapsed).update(possible_duplicate=True)
    return rows


def _sent(organization_id: UUID, row: Reminder, answer: Answer, endpoint: WebhookEndpoint, about: Description) -> None:
    ledger = {"sent_to": endpoint.url[:254], "title": str(about.title)[:200]}
    said = (Happened.ACCEPTED, answer.words)
    _write(organization_id, row, said, state=State.SENT, sent_at=timezone.now(), next_at=None, last_error="", **ledger)


def _refused(organization_id: UUID, row: Reminder, answer: Answer, endpoint: WebhookEndpoint) -> None:
    if answer.status == GONE:
        with scope(organization_id):
            endpoint.turn_off(by=SENDER, reason="The receiver answered 410 Gone.")
    if answer.status != GONE and row.refusals + 1 < TRIES:
        _later(organization_id, row, answer, tried=True)
        return
    said = (Happened.REFUSED, answer.words)
    _write(organization_id, row, said, state=State.FAILED, next_at=None, last_error=answer.words[:300])
    with scope(organization_id):
        record(audit.REMINDER_FAILED, by=SENDER, subject=row, message_id=webhook_id(row), reason=answer.words[:300])


def _later(organization_id: UUID, row: Reminder, answer: Answer, *, tried: bool) -> None:
    values: dict[str, Any] = {"state": State.DUE, "last_error": answer.words[:300], "next_at": _next(row)}
    if tried:
        values["refusals"] = row.refusals + 1
    if tried and answer.unknown:
        values["possible_duplicate"] = True
    how = Happened.UNKNOWN if answer.unknown else Happened.UNREACHED if answer.status is None else Happened.NOT_NOW
    _write(organization_id, row, (how, answer.words) if tried else None, **values)


def _next(row: Reminder) -> datetime:
    doublings: int = min(row.refusals, 14)
    return timezone.now() + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _write(organization_id: UUID, row: Reminder, said: tuple[Happened, str] | None = None, **values: Any) -> None:
    """Write down what became of a row and, where the receiver was called, what it said."""
    with scope(organization_id):
        Reminder.objects.filter(pk=row.pk, state=State.SENDING).update(**values)
        if said:
            how, words = said
            MessageEvent.tried(row.pk, row.resends, how, words, organization_id, RECEIVER).save(force_insert=True)
