"""What each provider's events mean, as one table of functions from a body to what was said about which copy."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from notices.hooks import signatures
from notices.models.message_event import Outcome
from notices.reports import outcome_of
from notices.returns import HEADER, Copy, Heard, read_message_id, read_return_header, read_return_path

Said = tuple[Copy | None, Heard]
MOST_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Provider:
    """How one provider signs, and what it says."""

    check: Callable[[str, Mapping[str, str], bytes], None]
    """Raises Forged; gets the secret, the headers and the body."""
    read: Callable[[bytes], Iterator[Said]]


def _generic(body: bytes) -> Iterator[Said]:
    """`{"events": [{"message_id", "recipient", "event", "words", "provider_id"}]}`."""
    for event in _objects(signatures.read_json(body).get("events")):
        if (kind := str(event.get("event"))) in HEARD:
            yield _said("webhook", Outcome(kind), event.get("message_id"), event.get("recipient"), event.get("words"), event.get("provider_id"))  # fmt: skip


HEARD = {"bounced", "soft_bounced", "complained", "delivered", "delayed"}


def _sendgrid(body: bytes) -> Iterator[Said]:
    for event in _objects(json.loads(body)):
        kind, words = event.get("event"), f"{event.get('status', '')} {event.get('reason', '')}"
        outcome = {
            "delivered": Outcome.DELIVERED,
            "deferred": Outcome.DELAYED,
            "spamreport": Outcome.COMPLAINED,
            "bounce": outcome_of("failed", str(event.get("status", "")), words),
        }.get(str(kind))
        if outcome:
            yield _said(
                "sendgrid", outcome, event.get("smtp-id"), event.get("email"), words, event.get("sg_message_id")
            )


def _mailgun(body: bytes) -> Iterator[Said]:
    event = _object(signatures.read_json(body).get("event-data"))
    status = _object(event.get("delivery-status"))
    words = f"{status.get('code', '')} {status.get('message') or status.get('description') or ''}"
    kind = str(event.get("event"))
    if kind == "failed":
        permanent = event.get("severity") == "permanent"
        outcome = _permanent(words) if permanent else Outcome.DELAYED
    elif kind in ("complained", "delivered"):
        outcome = Outcome(kind)
    else:
        return
    headers = _object(_object(event.get("message")).get("headers"))
    yield _said("mailgun", outcome, headers.get("message-id"), event.get("recipient"), words, event.get("id"))


def _postmark(body: bytes) -> Iterator[Said]:
    """Our id comes back in the metadata: Postmark gives messages an id of its own (`notices.mail` adds the header)."""
    event = signatures.read_json(body)
    kind = str(event.get("RecordType"))
    words = str(event.get("Details") or event.get("Description") or "")
    if kind == "SpamComplaint" or (kind == "Bounce" and event.get("Type") == "SpamNotification"):
        outcome = Outcome.COMPLAINED
    elif kind == "Bounce":
        hard = event.get("Type") in ("HardBounce", "BadEmailAddress")
        outcome = Outcome.BOUNCED if hard else Outcome.SOFT_BOUNCED
    elif kind == "Delivery":
        outcome = Outcome.DELIVERED
    else:
        return
    ours = f"{_object(event.get('Metadata')).get('message-id')}@{settings.MESSAGE_ID_DOMAIN}"
    yield _said("postmark", outcome, ours, event.get("Email") or event.get("Recipient"), words, event.get("MessageID"))


def _ses(body: bytes) -> Iterator[Said]:
    envelope = signatures.read_json(body)
    if envelope.get("Type") == "SubscriptionConfirmation":
        signatures.fetch(str(envelope.get("SubscribeURL", "")))
        return
    event = signatures.read_json(str(envelope.get("Message", "")).encode())
    kind = str(event.get("notificationType") or event.get("eventType"))
    mail = _object(event.get("mail"))
    named = {str(one.get("name", "")).casefold(): one.get("value") for one in _objects(mail.get("headers"))}
    ours = named.get("message-id")
    copy = read_return_path(str(mail.get("source", ""))) or read_return_header(str(named.get(HEADER.casefold(), "")))
    bounce, complaint = _object(event.get("bounce")), _object(event.get("complaint"))
    people = _objects(bounce.get("bouncedRecipients") or complaint.get("complainedRecipients"))
    for person in people:
        words = str(person.get("diagnosticCode", ""))
        if kind == "Bounce":
            hard = bounce.get("bounceType") == "Permanent" and bounce.get("bounceSubType") in ("General", "NoEmail", "OnAccountSuppressionList")  # fmt: skip
            outcome = Outcome.BOUNCED if hard else Outcome.SOFT_BOUNCED
        elif kind == "Complaint":
            outcome = Outcome.COMPLAINED
        else:
            continue
        found, heard = _said("ses", outcome, ours, person.get("emailAddress"), words, mail.get("messageId"))
        yield found or copy, heard
    if kind == "Delivery":
        found, heard = _said("ses", Outcome.DELIVERED, ours, "", "", mail.get("messageId"))
        yield found or copy, heard


PROVIDERS: dict[str, Provider] = {
    "generic": Provider(signatures.generic, _generic),
    "sendgrid": Provider(signatures.sendgrid, _sendgrid),
    "mailgun": Provider(signatures.mailgun, _mailgun),
    "postmark": Provider(signatures.postmark, _postmark),
    "ses": Provider(signatures.ses, _ses),
}


def _permanent(words: str) -> Outcome:
    """Mailgun calls what it gave up on permanent too: the code in its words says whether the address is gone."""
    return outcome_of("failed", "", words)


def _said(source: str, outcome: Outcome, message_id: Any, recipient: Any, words: Any, provider_id: Any) -> Said:
    heard = Heard(outcome, source, str(words or "").strip(), str(provider_id or ""), str(recipient or ""))
    return read_message_id(str(message_id or "")), heard


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value[:MOST_EVENTS] if isinstance(one, dict)] if isinstance(value, list) else []
