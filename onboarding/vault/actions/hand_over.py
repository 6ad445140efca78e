"""Offering a paper to another organization, answering the offer, and what a giver's later word does to the copies.

The giver's offer is locked first, then the receiver's row: both sides meet in this order.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.vault import audit
from onboarding.vault.files import copy
from onboarding.vault.models import Paper, PaperOffer, PaperRefused, ReceivedPaper
from tenancy.models import Organization
from tenancy.offers import OfferState, may_receive
from tenancy.scope import current, scope

VAULT = Actor.system("vault")


@transaction.atomic
def offer(paper: Paper, partner: Organization, *, by: Actor) -> PaperOffer:
    """Offer the version in force to a partner, and every later one by itself; the same offer again changes nothing.

    Raises PaperRefused for a paper that is not in force or came from elsewhere, and for an organization that shares
    no deployment with this one.
    """
    paper = Paper.locked(paper.pk)
    if not paper.is_in_force or paper.approved_version is None:
        raise PaperRefused(f"{paper.title} has no approved version that is valid: approve one first.")
    if paper.source:
        raise PaperRefused(f"{paper.title} came from {paper.source.name}: they offer it themselves.")
    if partner.pk not in {one.pk for one in may_receive()}:
        raise PaperRefused("Papers are offered to organizations that share a deployment with yours.")
    return _offer(paper, partner, by)


@transaction.atomic
def withdraw(found: PaperOffer, *, by: Actor) -> None:
    """Take back an offer that was not answered; raise PaperRefused for one that was. Copies that stand stay."""
    found = PaperOffer.locked(found.pk)
    if found.state == OfferState.WITHDRAWN:
        return
    if found.state != OfferState.OFFERED:
        raise PaperRefused(f"It was {found.get_state_display().lower()}: a copy that stands is theirs.")
    _answer_offer(found, OfferState.WITHDRAWN)
    record(audit.OFFER_WITHDRAWN, by=by, subject=found.paper, title=found.paper.title, partner=found.partner.name)
    with scope(found.partner_id):
        ReceivedPaper.objects.waiting().filter(source_offer_id=found.pk).update(
            state=OfferState.WITHDRAWN, answered_at=timezone.now()
        )


@transaction.atomic
def accept(received: ReceivedPaper, *, by: Actor) -> Paper:
    """Take an own copy, with where it came from; it waits for this organization's own review.

    A later version of a paper that was taken before becomes a version of that copy. Raises PaperRefused for an offer
    that was answered or taken back, and where the giver's file is not what was offered.
    """
    received = _lock_both(received)
    if received.state == OfferState.ACCEPTED and received.paper:
        return received.paper  # type: ignore[no-any-return]
    if received.state != OfferState.OFFERED:
        raise PaperRefused(f"This offer was {received.get_state_display().lower()}.")
    copy(received.source_id, current().organization_id, received.sha256)
    paper = _copy_of(received, by)
    received.state, received.paper, received.answered_at = OfferState.ACCEPTED, paper, timezone.now()
    received.save(update_fields=["state", "paper", "answered_at"])
    _record(audit.OFFER_ACCEPTED, by, paper, received)
    _tell_giver(received)
    return paper


@transaction.atomic
def decline(received: ReceivedPaper, *, by: Actor) -> None:
    """Say no; the giver sees it."""
    received = _lock_both(received)
    if received.state == OfferState.DECLINED:
        return
    if received.state != OfferState.OFFERED:
        raise PaperRefused(f"This offer was {received.get_state_display().lower()}.")
    received.state, received.answered_at = OfferState.DECLINED, timezone.now()
    received.save(update_fields=["state", "answered_at"])
    _record(audit.OFFER_DECLINED, by, received, received)
    _tell_giver(received)


def follow(paper: Paper, by: Actor) -> None:
    """After a review at the giver: offer a newer version where one was offered before, or flag the copies of one that ended."""
    if paper.source_id:
        return
    offers = list(
        PaperOffer.objects.filter(paper=paper)
        .exclude(state=OfferState.WITHDRAWN)
        .order_by("partner_id", "version")
        .select_for_update(no_key=True, of=("self",))
    )
    if paper.approved_version is None:
        for found in offers:
            if found.state == OfferState.OFFERED:
                withdraw(found, by=by)
        for partner_id in dict.fromkeys(one.partner_id for one in offers if one.state == OfferState.ACCEPTED):
            _end_copy(partner_id, paper)
        return
    receivers = {one.pk for one in may_receive()}
    for partner in Organization.objects.filter(pk__in={one.partner_id for one in offers} & receivers):
        _offer(paper, partner, by)


def _offer(paper: Paper, partner: Organization, by: Actor) -> PaperOffer:
    assert paper.approved_version is not None
    made, new = PaperOffer.objects.get_or_create(paper=paper, partner=partner, version=paper.approved_version)
    if not new and made.state != OfferState.WITHDRAWN:
        return made  # type: ignore[no-any-return]
    if not new:
        made.state, made.offered_at, made.answered_at = OfferState.OFFERED, timezone.now(), None
        made.save(update_fields=["state", "offered_at", "answered_at"])
    record(audit.PAPER_OFFERED, by=by, subject=paper, title=paper.title, version=made.version, partner=partner.name)
    _hand_over(made, paper, Organization.objects.get(pk=paper.organization_id), partner)
    return made  # type: ignore[no-any-return]


def _hand_over(made: PaperOffer, paper: Paper, source: Organization, partner: Organization) -> None:
    version = paper.version(made.version)
    values = {
        "source_offer_id": made.pk,
        "state": OfferState.OFFERED,
        "title": paper.title,
        "kind": paper.kind,
        "name": version.name,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256,
        "scan": version.scan,
        "answer": version.answer,
        "valid_until": version.valid_until,
        "shows": paper.shows,
        "controls": paper.controls,
        "received_at": timezone.now(),
        "answered_at": None,
    }
    with scope(partner.pk):
        received, _ = ReceivedPaper.objects.update_or_create(
            source=source, source_paper_id=paper.pk, version=made.version, defaults=values
        )
        _record(audit.OFFER_RECEIVED, VAULT, received, received)


def _copy_of(received: ReceivedPaper, by: Actor) -> Paper:
    standing: Paper | None = Paper.objects.filter(
        source_id=received.source_id, source_paper_id=received.source_paper_id
    ).first()
    details: dict[str, Any] = {"answer": received.answer or None, "valid_until": received.valid_until, "by": by}
    if standing and standing.state != Paper.State.REVOKED:
        standing.renew(received.file, source_version=received.version, **details)
        return standing
    if standing:
        raise PaperRefused(f"Your copy of {standing.title} was revoked; it cannot take a newer version.")
    paper = Paper.add(received.file, title=received.title, shows=received.shows, mapped=received.controls, **details)
    paper.source_id, paper.source_paper_id = received.source_id, received.source_paper_id
    paper.save(update_fields=["source", "source_paper_id"])
    return paper


def _end_copy(partner_id: Any, paper: Paper) -> None:
    """What the giver flagged or revoked holds nowhere: its copies are flagged in its name, and what rests on them opens."""
    giver = Organization.objects.get(pk=paper.organization_id)
    with scope(partner_id):
        copied = Paper.objects.filter(source=giver, source_paper_id=paper.pk).exclude(state=Paper.State.REVOKED)
        for standing in copied:
            reason = f"{giver.name} {paper.get_state_display().lower()} it: {paper.note}"[:500]
            standing.flag(by=VAULT, reason=reason, whole=True)


def _lock_both(received: ReceivedPaper) -> ReceivedPaper:
    with scope(received.source_id):
        PaperOffer.locked(received.source_offer_id)
    return ReceivedPaper.locked(received.pk)  # type: ignore[no-any-return]


def _tell_giver(received: ReceivedPaper) -> None:
    with scope(received.source_id):
        found = PaperOffer.objects.get(pk=received.source_offer_id)
        _answer_offer(found, received.state)


def _answer_offer(found: PaperOffer, state: str) -> None:
    found.state, found.answered_at = state, timezone.now()
    found.save(update_fields=["state", "answered_at"])


def _record(action: Any, by: Actor, subject: Any, received: ReceivedPaper) -> None:
    record(
        action,
        by=by,
        subject=subject,
        title=received.title,
        version=received.version,
        source=received.source.name,
        sha256=received.sha256,
    )
