"""Messages by webhook: signed as standardwebhooks.com says, sent again until they are taken, each under one id.

A receiver that answered and was not heard gets the message again under the same `webhook-id`, and takes it once.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices import audit, judging
from notices.calling import LONGEST, Answer, call
from notices.channels import WEBHOOK
from notices.kinds import Description
from notices.models import Reminder, WebhookEndpoint
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


def deliver(organization_id: UUID) -> int:
    """Send what is due in one organization; return how many were taken. No transaction waits for the receiver."""
    with scope(organization_id):
        rows = _claim()
        if not rows:
            return 0
        endpoint = WebhookEndpoint.standing()
        described, left_out = judging.judge(rows)
        home = Organization.objects.get(pk=current().organization_id)
    taken, trouble, looked = 0, None, time.monotonic()
    for number, row in enumerate(rows):
        if time.monotonic() - looked >= judging.FRESH_SECONDS:
            with scope(organization_id):
                described, left_out = judging.judge(rows[number:])
            looked = time.monotonic()
        if endpoint is None or row.pk in left_out:
            reason = left_out.get(row.pk) or "The organization has no webhook."
            _write(organization_id, row, state=State.CANCELLED, next_at=None, last_error=reason[:300])
            continue
        if trouble is not None:
            _later(organization_id, row, trouble, tried=False)
            continue
        answer = post(endpoint, webhook_id(row), payload(row, described[row.pk], home))
        taken += answer.taken
        if answer.taken:
            _sent(organization_id, row, endpoint, described[row.pk])
        else:
            trouble = answer if answer.status is None else None
            _refused(organization_id, row, answer, endpoint)
    return taken


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


def _sent(organization_id: UUID, row: Reminder, endpoint: WebhookEndpoint, about: Description) -> None:
    ledger = {"sent_to": endpoint.url[:254], "title": str(about.title)[:200]}
    _write(organization_id, row, state=State.SENT, sent_at=timezone.now(), next_at=None, last_error="", **ledger)


def _refused(organization_id: UUID, row: Reminder, answer: Answer, endpoint: WebhookEndpoint) -> None:
    if answer.status == GONE:
        with scope(organization_id):
            endpoint.turn_off(by=SENDER, reason="The receiver answered 410 Gone.")
    if answer.status != GONE and row.refusals + 1 < TRIES:
        _later(organization_id, row, answer, tried=True)
        return
    _write(organization_id, row, state=State.FAILED, next_at=None, last_error=answer.words[:300])
    with scope(organization_id):
        record(audit.REMINDER_FAILED, by=SENDER, subject=row, message_id=webhook_id(row), reason=answer.words[:300])


def _later(organization_id: UUID, row: Reminder, answer: Answer, *, tried: bool) -> None:
    values: dict[str, Any] = {"state": State.DUE, "last_error": answer.words[:300], "next_at": _next(row)}
    if tried:
        values["refusals"] = row.refusals + 1
    if tried and answer.unknown:
        values["possible_duplicate"] = True
    _write(organization_id, row, **values)


def _next(row: Reminder) -> datetime:
    doublings: int = min(row.refusals, 14)
    return timezone.now() + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _write(organization_id: UUID, row: Reminder, **values: Any) -> None:
    with scope(organization_id):
        Reminder.objects.filter(pk=row.pk, state=State.SENDING).update(**values)
