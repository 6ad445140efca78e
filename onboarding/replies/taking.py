"""Take one message in: who sent it, whether they still may, what they said; or say why not.

Refusals are given while the sender's server still waits for an answer, so that nothing is bounced to a forged address.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from access.permissions import Permission, permissions_of
from access.require import NotAllowed
from accounts.letters import Kind, returnable
from accounts.models import Seat, User
from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.actions.say import say
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Item
from onboarding.replies import audit
from onboarding.replies.models import ReceivedReply, ReplyAddress
from onboarding.replies.models.address import read
from onboarding.replies.opening import Unreadable, opened
from onboarding.replies.reading import Answer, answer
from tenancy.models import Organization, Share
from tenancy.scope import current, person_scope, scope
from web.letters import letter

log = logging.getLogger(__name__)

PER_HOUR = 30
"""More answers than this from one person on one item in an hour are a loop."""
MOST_HOPS = 30
LONGEST = 4000
AUTOMATIC = {"x-autoreply", "x-autorespond", "list-id", "list-unsubscribe", "x-loop", "feedback-id"}
PRECEDENCE = {"bulk", "junk", "list", "auto_reply"}


class Refused(Exception):
    """The message is not taken; code and words are the answer to the server that brought it."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        super().__init__(words)

    def __str__(self) -> str:
        return f"{self.code} {self.args[0]}"


NOBODY = "5.1.1 This address takes no mail"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is on a deployment now."""

    actor: Actor
    lens: Lens
    enter: Callable[[], AbstractContextManager[object]]
    """Enters the organization as this person: all of it, a member's sites, or a partner's deployment."""


def knows(address: str) -> None:
    """Raise Refused unless somebody who still belongs there may answer at the address; one answer for every reason."""
    with _entered(address):
        pass


def take(recipient: str, sender: str, content: bytes) -> str:
    """Take a message for one recipient; return the words that accept it.

    Raises Refused where it is not taken. What machines sent is accepted and dropped: refusing it would make them answer.
    """
    try:
        message = opened(content)
    except Unreadable as unreadable:
        raise Refused(554, f"5.6.0 {unreadable}") from None
    with _entered(recipient) as (address, standing):
        if automatic(message, sender):
            log.info("a message from a machine was dropped")
            return "250 2.0.0 Dropped: no person wrote this"
        user = address.user
        if not is_from(message, user):
            raise Refused(550, "5.7.1 Answer from the address that the message was sent to")
        mark = hashlib.sha256(str(message.get("Message-ID", "")).strip().encode() or content).hexdigest()
        ReplyAddress.locked(address.pk)  # two servers may bring the same message at once
        if ReceivedReply.objects.filter(message_hash=mark).exists():
            return "250 2.0.0 Taken before"
        lately = ReceivedReply.objects.filter(address=address, at__gt=timezone.now() - timedelta(hours=1))
        if lately.count() >= PER_HOUR:
            raise Refused(450, "4.7.1 Too many answers in an hour")
        said = answer(message)
        received = ReceivedReply(address=address, message_hash=mark)
        with standing.enter():  # a partner writes in its own narrow scope
            item = standing.lens.item(address.deployment_id, str(address.item_id))
            if said.text and len(said.text) <= LONGEST:
                comment = say(standing.lens, item, said.text, by=standing.actor, internal=address.internal)
                record(audit.REPLY_TAKEN, by=standing.actor, subject=comment, number=item.number, title=item.title)
                received.comment_id = comment.pk
        received.save(force_insert=True)
        if wrong := _wrong(said):
            transaction.on_commit(_letter(user, item, message, wrong, kept=received.comment_id is not None))
    return "250 2.0.0 Taken"


def automatic(message: EmailMessage, sender: str) -> bool:
    """Whether a machine wrote it: an auto-reply, a bounce, a list, or one of our own messages come round."""
    if not sender.strip("<> "):
        return True
    if str(message.get("Auto-Submitted", "no")).split(";")[0].strip().casefold() != "no":
        return True
    if str(message.get("Precedence", "")).strip().casefold() in PRECEDENCE:
        return True
    if any(name in message for name in AUTOMATIC):
        return True
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return True
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].casefold()
    who = parseaddr(str(message.get("From", "")))[1].casefold()
    return (
        who == own
        or who.endswith(f"@{settings.REPLY_DOMAIN.casefold()}")
        or sum(name.casefold() == "received" for name in message) > MOST_HOPS
    )


def is_from(message: EmailMessage, user: User) -> bool:
    """Whether the one author named is the person, at an address of theirs that is verified."""
    authors = message.get_all("From", [])
    who = parseaddr(str(authors[0]))[1].casefold() if len(authors) == 1 else ""
    known = {user.email.casefold()}
    known |= {
        one.casefold() for one in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    }
    return who in known


@contextmanager
def _entered(text: str) -> Iterator[tuple[ReplyAddress, Standing]]:
    """Enter the organization of an address, with what its person is there now; raise Refused where they are nothing."""
    token = read(text)
    if token is None or not Organization.objects.filter(pk=token.organization_id).exists():
        raise Refused(550, NOBODY)
    with scope(token.organization_id):
        address = ReplyAddress.find(token.secret)
        if address is None or not address.user.is_active:
            raise Refused(550, NOBODY)
        standing = _standing(address)
        with standing.enter():
            _check(address, standing.lens)
        yield address, standing


def _check(address: ReplyAddress, lens: Lens) -> None:
    may = lens.can(Permission.ITEM_WORK) or lens.can(Permission.ITEM_REVIEW)
    if not may or (address.internal and not lens.reads_internal):
        raise Refused(550, NOBODY)
    try:
        lens.item(address.deployment_id, str(address.item_id))
    except (Http404, NotAllowed):
        raise Refused(550, NOBODY) from None


def _standing(address: ReplyAddress) -> Standing:
    """Return what the person is now: a member (of all sites or some), else a partner of the deployment."""
    host_id = current().organization_id
    with person_scope(address.user_id):
        seats = Seat.of(address.user_id)
    for seat in seats:
        if seat.organization_id == host_id:
            actor = address.user.acting(host_id, frozenset(seat.roles))
            return Standing(actor, Lens(host_id, None, seat.permissions), seat.scope)
    for seat in seats:
        if seat.sites:
            continue  # limited to sites of their own organization
        with scope(seat.organization_id):
            share = Share.with_me.filter(organization_id=host_id, deployment_id=address.deployment_id).first()
        if share is not None:
            actor = address.user.acting(seat.organization_id, frozenset(seat.roles))
            lens = Lens(seat.organization_id, share.part, permissions_of(seat.roles, share.part))
            return Standing(actor, lens, partial(scope, host_id, (share.deployment_id,)))
    raise Refused(550, NOBODY)


def _wrong(said: Answer) -> list[str]:
    wrong = []
    if not said.text:
        wrong.append("No words of yours were found above the quoted message, so nothing was added.")
    elif len(said.text) > LONGEST:
        wrong.append(f"The answer is longer than {LONGEST} characters, so nothing was added.")
    if said.attachments:
        names = ", ".join(said.attachments[:10])
        wrong.append(f"Files are not taken by mail and were not kept: {names}. Add them as evidence on the item.")
    return wrong


def _letter(user: User, item: Item, message: EmailMessage, wrong: list[str], *, kept: bool) -> Callable[[], None]:
    slug = Organization.slug_in_scope()
    place = f"{settings.PUBLIC_ADDRESS}/o/{slug}/deployments/{item.deployment_id}/items/{item.number}/"
    first = "Your answer was added as a comment." if kept else "Your answer was not added."
    back = letter(
        f"About your answer on #{item.number} {item.title}",
        [first, *wrong, "Open the item:", place, "This message holds no patient data. Links need sign-in."],
        to=user.email,
        action="Open the item",
        headers={"Auto-Submitted": "auto-replied", "In-Reply-To": str(message.get("Message-ID", "")).strip()[:250]},
    )

    returnable(back, Kind.PERSON, user.pk, item.organization_id)

    def send() -> None:
        try:
            back.send()
        except OSError:
            log.exception("a letter about an answer by mail could not be sent")

    return send
