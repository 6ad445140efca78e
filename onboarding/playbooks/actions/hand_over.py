"""Offering a playbook version to another organization, and answering the offer.

The giver's offer is locked first, then the receiver's row: both sides meet in this order.
"""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.playbooks import audit
from onboarding.playbooks.document import PlaybookDocument, read
from onboarding.playbooks.models import Playbook, PlaybookOffer, PlaybookVersion, ReceivedPlaybook
from onboarding.playbooks.models.draft import DraftRefused
from tenancy.models import Organization
from tenancy.offers import OfferState, may_receive
from tenancy.scope import current, scope

PLAYBOOKS = Actor.system("playbooks")


class OfferRefused(DraftRefused):
    """An offer or its answer is refused; the message says what would change that."""


@transaction.atomic
def offer(version: PlaybookVersion, partner: Organization, *, by: Actor) -> PlaybookOffer:
    """Offer a published version of the organization's own to a partner; the same offer again changes nothing.

    Raises OfferRefused for a draft, for a version that came from another organization, and for an organization that
    shares no deployment with this one.
    """
    version = PlaybookVersion.locked(version.pk)
    if version.published_at is None:
        raise OfferRefused(f"{version} is a draft: publish it first.")
    if version.giver:
        raise OfferRefused(f"{version} came from {version.giver.name}: they offer it themselves.")
    if partner.pk not in {one.pk for one in may_receive()}:
        raise OfferRefused("Playbooks are offered to organizations that share a deployment with yours.")
    made, new = PlaybookOffer.objects.get_or_create(version=version, partner=partner)
    if not new and made.state != OfferState.WITHDRAWN:
        return made  # type: ignore[no-any-return]
    if not new:
        made.state, made.offered_at, made.answered_at = OfferState.OFFERED, timezone.now(), None
        made.save(update_fields=["state", "offered_at", "answered_at"])
    record(audit.PLAYBOOK_OFFERED, by=by, subject=version, title=str(version), partner=partner.name)
    values = {
        "source_offer_id": made.pk,
        "title": version.playbook.title,
        "version": version.version,
        "sha256": version.sha256,
        "document": version.plain(),
        "state": OfferState.OFFERED,
        "received_at": timezone.now(),
        "answered_at": None,
    }
    source = Organization.objects.get(pk=current().organization_id)
    with scope(partner.pk):
        received, _ = ReceivedPlaybook.objects.update_or_create(
            source=source, source_version_id=version.pk, defaults=values
        )
        _record(audit.PLAYBOOK_OFFER_RECEIVED, PLAYBOOKS, received)
    return made  # type: ignore[no-any-return]


@transaction.atomic
def withdraw(found: PlaybookOffer, *, by: Actor) -> None:
    """Take back an offer that was not answered; raise OfferRefused for one that was. Copies that stand stay."""
    found = PlaybookOffer.locked(found.pk)
    if found.state == OfferState.WITHDRAWN:
        return
    if found.state != OfferState.OFFERED:
        raise OfferRefused(f"It was {found.get_state_display().lower()}: a copy that stands is theirs.")
    _answered(found, OfferState.WITHDRAWN)
    record(
        audit.PLAYBOOK_OFFER_WITHDRAWN,
        by=by,
        subject=found.version,
        title=str(found.version),
        partner=found.partner.name,
    )
    with scope(found.partner_id):
        theirs = ReceivedPlaybook.objects.get(source_offer_id=found.pk)
        _answered(theirs, OfferState.WITHDRAWN)


@transaction.atomic
def accept(received: ReceivedPlaybook, *, by: Actor) -> PlaybookVersion:
    """Take an own, published copy that says where it came from; twice is once.

    Raises OfferRefused for an offer that was answered or taken back, PlaybookError where the document is not sound.
    """
    received = _lock_both(received)
    if received.state == OfferState.ACCEPTED and received.copy:
        return received.copy  # type: ignore[no-any-return]
    _refuse_answered(received)
    document = read(received.document)
    copy = PlaybookVersion.adopt(
        replace(document, key=_key_for(document, received.source)),
        by=by,
        source=received.source.name[:120],
        giver=received.source,
        giver_version_id=received.source_version_id,
    )
    received.copy = copy
    received.save(update_fields=["copy"])
    _answer(received, OfferState.ACCEPTED, audit.PLAYBOOK_OFFER_ACCEPTED, by)
    return copy


@transaction.atomic
def decline(received: ReceivedPlaybook, *, by: Actor) -> None:
    """Say no; the giver sees it."""
    received = _lock_both(received)
    if received.state == OfferState.DECLINED:
        return
    _refuse_answered(received)
    _answer(received, OfferState.DECLINED, audit.PLAYBOOK_OFFER_DECLINED, by)


def _key_for(document: PlaybookDocument, giver: Organization) -> str:
    """Return the document's key, or one with the giver's name where the organization has a line of its own under that key."""
    line = PlaybookVersion.objects.filter(playbook__key=document.key)
    free = not Playbook.objects.filter(key=document.key).exists() or line.filter(giver=giver).exists()
    return document.key if free else f"{document.key[: 79 - len(giver.slug)]}-{giver.slug}"[:80]


def _lock_both(received: ReceivedPlaybook) -> ReceivedPlaybook:
    with scope(received.source_id):
        PlaybookOffer.locked(received.source_offer_id)
    return ReceivedPlaybook.locked(received.pk)  # type: ignore[no-any-return]


def _refuse_answered(received: ReceivedPlaybook) -> None:
    if received.state != OfferState.OFFERED:
        raise OfferRefused(f"This offer was {received.get_state_display().lower()}.")


def _answer(received: ReceivedPlaybook, state: str, action: Action, by: Actor) -> None:
    _answered(received, state)
    _record(action, by, received)
    with scope(received.source_id):
        _answered(PlaybookOffer.objects.get(pk=received.source_offer_id), state)


def _answered(row: PlaybookOffer | ReceivedPlaybook, state: str) -> None:
    row.state, row.answered_at = state, timezone.now()
    row.save(update_fields=["state", "answered_at"])


def _record(action: Action, by: Actor, received: ReceivedPlaybook) -> None:
    record(action, by=by, subject=received, title=str(received), source=received.source.name, sha256=received.sha256)
