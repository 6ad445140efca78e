"""Handing push messages to the push services of people's browsers.

A message that may have been taken is sent again under the same topic and tag: the service and the browser put it in the place
of the first, so the person sees it once.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.languages import known, written
from accounts.models import User
from notices import judging, kinds
from notices.calling import LONGEST, Answer, call
from notices.channels import PUSH
from notices.claim import Envelope, claim
from notices.kinds import Description
from notices.mail import Letter
from notices.models import PushSubscription, ReminderPolicy
from notices.models.message_event import PUSH as SOURCE
from notices.models.message_event import Outcome as Happened
from notices.models.push_subscription import MOST
from notices.models.reminder import Reminder
from notices.outcomes import Ledger
from notices.public_addresses import AddressRefused, resolve
from notices.push import keys
from notices.push.sealing import seal
from tenancy.models import Organization
from tenancy.scope import scope

BATCH = 10
LEASE = timedelta(seconds=LONGEST * (MOST + 1) + 15)
"""Long enough for the message of somebody with as many browsers as there may be, and nobody of them answering."""
ENDED = (404, 410)
"""The browser is gone, or its person took the permission back (RFC 8030, 7.3)."""
TOO_MANY, SERVER_ERROR = 429, 500
KEPT_SECONDS = 24 * 60 * 60
"""How long a push service keeps a message for a browser that is off: the next day has its own."""
MOST_TITLES = 4
Judged = tuple[Letter, dict[UUID, Description]]
NOBODY = "No browser of the person takes push messages any more."


@dataclass(slots=True)
class Told:
    """What the push services of one person's browsers said to one message."""

    taken: list[PushSubscription] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    """Words of those that may take it later."""
    refused: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Words of those that know the browser no more."""
    unknown: bool = False
    """Whether one may have taken it without our hearing of it."""


def deliver(organization_id: UUID) -> int:
    """Send what is due in one organization; return how many were taken. No transaction waits for a push service."""
    with scope(organization_id):
        envelopes = claim(BATCH, channel=PUSH, lease=LEASE)
        if not envelopes:
            return 0
        letters = _judged(envelopes)
        home, policy = Organization.objects.get(pk=organization_id), ReminderPolicy.current()
    browsers = _browsers({envelope.rows[0].recipient_id for envelope in envelopes})
    ledger, silent = Ledger(organization_id, 1, SOURCE), set[str]()
    for letter, described in judging.in_turn(organization_id, letters, _again):
        envelope = letter.envelope
        theirs = browsers.get(envelope.rows[0].recipient_id, [])
        if not theirs:
            _reach_nobody(letter, policy)
        ledger.leave(letter)
        rows = letter.wanted
        if not rows:
            continue
        if envelope.lease_until - timezone.now() < timedelta(seconds=LONGEST * (len(theirs) + 1)):
            ledger.put_back(envelope)
            continue
        envelope.flagged = envelope.lapsed
        told = _tell(theirs, _text(envelope, rows, described, home), envelope, silent)
        if told.ended and not (told.taken or told.trouble or told.refused):
            _reach_nobody(letter, policy)
        _write(ledger, letter, told)
    ledger.write()
    return ledger.sent


def test(browser: PushSubscription) -> Answer:
    """Send a message now that says it works; return what the push service said."""
    with override(known(browser.user.language)):
        said = _said(browser.user, _("Push messages work in this browser"), "", "test", "/")
    return _post(browser, said, topic="test", urgent=True)


def _browsers(people: set[UUID]) -> dict[UUID, list[PushSubscription]]:
    if not keys.offered():
        return {}  # the key was taken away while messages waited
    found: dict[UUID, list[PushSubscription]] = {}
    for one in PushSubscription.objects.filter(user__in=people).order_by("created_at", "pk"):
        found.setdefault(one.user_id, []).append(one)
    return found


def _judged(envelopes: list[Envelope]) -> list[Judged]:
    """Return each message, with what is not wanted of it left out."""
    described, left_out = judging.judge([row for envelope in envelopes for row in envelope.rows])
    letters = []
    for envelope in envelopes:
        letter = Letter(envelope, None)
        letter.dropped = {row.pk: left_out[row.pk] for row in envelope.rows if row.pk in left_out}
        letter.titles = {row.pk: str(described[row.pk].title) for row in envelope.rows if row.pk in described}
        letters.append((letter, described))
    return letters


def _again(left: list[Judged]) -> list[Judged]:
    return _judged([letter.envelope for letter, _described in left])


def _reach_nobody(letter: Letter, policy: ReminderPolicy) -> None:
    """Take back what is left of a message; what goes no other way arrives in Causeway instead."""
    for row in letter.envelope.rows:
        if row.pk not in letter.dropped:
            alone = policy.channels_of(kinds.find(row.kind)) == (PUSH,)
            (letter.withheld if alone else letter.dropped)[row.pk] = NOBODY


def _text(
    envelope: Envelope, rows: list[Reminder], described: dict[UUID, Description], home: Organization
) -> dict[str, Any]:
    """Return what the browser shows: the titles of kinds and nothing else, since a locked screen shows it to anybody."""
    person = rows[0].recipient
    with override(known(person.language)):
        titles = list(dict.fromkeys(_(kinds.find(row.kind).title) for row in rows))
        subjects = len({row.subject_id for row in rows})
        if len(titles) == 1 and subjects == 1:
            title, body = titles[0], ""
        else:
            title = ngettext("%(num)s thing waits for you", "%(num)s things wait for you", subjects) % {"num": subjects}
            body = " · ".join(titles[:MOST_TITLES]) + ("…" if len(titles) > MOST_TITLES else "")
    path = described[rows[0].pk].path if subjects == 1 else f"/o/{home.slug}/"
    return _said(person, title, body, envelope.message.hex, path)


def _said(person: User, title: str, body: str, tag: str, path: str) -> dict[str, Any]:
    language = known(person.language)
    return {
        "title": title,
        "body": body,
        "tag": tag,
        "url": path,
        "lang": language,
        "dir": written(language),
    }


def _tell(browsers: list[PushSubscription], said: dict[str, Any], envelope: Envelope, silent: set[str]) -> Told:
    told = Told()
    for browser in browsers:
        service = _service(browser)
        if service in silent:
            told.trouble.append(f"{browser.device}: its push service does not answer")
            continue
        answer = _post(browser, said, topic=envelope.message.hex, urgent=envelope.apart)
        words = f"{answer.words} ({browser.device})"
        if answer.taken:
            told.taken.append(browser)
        elif answer.status in ENDED or browser.server_key != keys.name():
            browser.turn_off()
            told.ended.append(f"{words}: it is not asked again")
        elif answer.status is None or answer.status == TOO_MANY or answer.status >= SERVER_ERROR:
            told.trouble.append(words)
            told.unknown = told.unknown or answer.unknown
            if answer.status is None:
                silent.add(service)
        else:
            told.refused.append(words)
    return told


def _write(ledger: Ledger, letter: Letter, told: Told) -> None:
    words = "; ".join([*told.trouble, *told.refused, *told.ended])
    if told.taken:
        letter.sent_to = ", ".join(one.device for one in told.taken)
        PushSubscription.objects.filter(pk__in=[one.pk for one in told.taken]).update(taken_at=timezone.now())
        ledger.accepted(letter, Happened.ACCEPTED, "; ".join([f"Taken: {letter.sent_to}", *filter(None, [words])]))
    elif told.unknown:
        ledger.lost(letter.envelope, words)
    elif told.trouble:
        ledger.not_now(letter.envelope, words)
    elif not told.refused:
        ledger.tried(letter.envelope, Happened.REFUSED, words)
        ledger.leave(letter)
    else:
        ledger.refused(letter.envelope, words)


def _post(browser: PushSubscription, said: dict[str, Any], *, topic: str, urgent: bool) -> Answer:
    if browser.server_key != keys.name():
        return Answer(None, "It was turned on for a key that is not ours any more")
    try:
        target = resolve(browser.endpoint)
    except AddressRefused as refusal:
        return Answer(None, str(refusal))
    body = seal(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode(), browser.octets)
    headers = {
        "Authorization": keys.authorization(_service(browser)),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Topic": topic,
        "Urgency": "high" if urgent else "normal",
    }
    return call(target, body, headers)


def _service(browser: PushSubscription) -> str:
    parts = urlsplit(browser.endpoint)
    return f"{parts.scheme}://{parts.netloc}"
