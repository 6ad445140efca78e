"""Propose a site's change to the author of its playbook in another organization; answer such a proposal.

The sender's row is locked first, then the author's: both sides meet in this order. Nothing but what `carried` returns
crosses: the change, why it was made, and what the sender says with it.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.adaptations import audit
from onboarding.adaptations.actions.take import new_item, write_change
from onboarding.adaptations.frame import Kind
from onboarding.adaptations.models import Adaptation, Proposal, SentChange
from onboarding.adaptations.models.adaptation import CannotMove
from onboarding.playbooks.inheritance import given
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from tenancy.models import Organization
from tenancy.offers import OfferState
from tenancy.scope import current, scope

PROPOSALS = Actor.system("proposals")


def author_of(adaptation: Adaptation) -> PlaybookVersion | None:
    """Return the copy whose giver wrote the playbook of the adaptation's site; None where the organization did itself."""
    return given(adaptation.deployment.playbook_version)


def carried(adaptation: Adaptation, words: str = "") -> dict[str, Any]:
    """Return all that the author gets to see."""
    item = adaptation.item
    return {
        "kind": adaptation.kind,
        "key": adaptation.key,
        "number": item.number,
        "title": item.title,
        "fields": adaptation.fields,
        "item": new_item(item) if adaptation.kind == Kind.ADDED else {},
        "reason": adaptation.reason,
        "goal": adaptation.goal,
        "fidelity": adaptation.fidelity,
        "words": words,
    }


@transaction.atomic
def propose(adaptation: Adaptation, *, words: str = "", by: Actor) -> SentChange:
    """Send the change to the organization that wrote the playbook; a change that waits or was answered is not sent again.

    Raises CannotMove where the playbook is the organization's own.
    """
    adaptation = Adaptation.objects.select_related("item", "deployment__playbook_version").get(
        pk=Adaptation.locked(adaptation.pk).pk
    )
    copy = author_of(adaptation)
    if copy is None:
        raise CannotMove("The playbook is your own: offer the change to your own authors.")
    sent, new = SentChange.objects.get_or_create(adaptation=adaptation, defaults={"author": copy.giver, "words": words})
    if not new and sent.state != OfferState.WITHDRAWN:
        return sent  # type: ignore[no-any-return]
    if not new:
        sent.words, sent.state, sent.offered_at, sent.answered_at = words, OfferState.OFFERED, timezone.now(), None
        sent.save(update_fields=["words", "state", "offered_at", "answered_at"])
    _say(audit.CHANGE_PROPOSED, by, sent)
    values = {**carried(adaptation, words), "version_id": copy.giver_version_id, "state": OfferState.OFFERED}
    values |= {"received_at": timezone.now(), "answered_at": None}
    source = Organization.objects.get(pk=current().organization_id)
    with scope(sent.author_id):
        made, _ = Proposal.objects.update_or_create(source=source, source_id_there=sent.pk, defaults=values)
        _record(audit.PROPOSAL_RECEIVED, PROPOSALS, made)
    return sent  # type: ignore[no-any-return]


@transaction.atomic
def withdraw(sent: SentChange, *, by: Actor) -> None:
    """Take back a change that was not answered; raise CannotMove for one that was."""
    sent = SentChange.locked(sent.pk)
    if sent.state == OfferState.WITHDRAWN:
        return
    if sent.state != OfferState.OFFERED:
        raise CannotMove(f"{sent.author.name} has answered: it was {sent.get_state_display().lower()}.")
    _answer(sent, OfferState.WITHDRAWN)
    _say(audit.CHANGE_WITHDRAWN, by, sent)
    with scope(sent.author_id):
        _answer(Proposal.objects.get(source_id_there=sent.pk), OfferState.WITHDRAWN)


@transaction.atomic
def take_proposal(proposal: Proposal, draft: PlaybookDraft, *, by: Actor) -> None:
    """Write the change into an own draft; the sender hears of it. Twice is once.

    Raises CannotMove for a proposal that was answered or taken back, DraftRefused where the draft has no such item.
    """
    proposal = _lock_both(proposal)
    if proposal.state == OfferState.ACCEPTED:
        return
    _refuse_answered(proposal)
    write_change(draft, proposal.kind, proposal.key, proposal.fields, proposal.item, by=by)
    proposal.draft = draft
    proposal.save(update_fields=["draft"])
    _answer(proposal, OfferState.ACCEPTED)
    _record(audit.PROPOSAL_TAKEN, by, proposal, draft=str(draft))
    _tell_sender(proposal)


@transaction.atomic
def decline_proposal(proposal: Proposal, *, by: Actor) -> None:
    """Say no; the sender hears of it."""
    proposal = _lock_both(proposal)
    if proposal.state == OfferState.DECLINED:
        return
    _refuse_answered(proposal)
    _answer(proposal, OfferState.DECLINED)
    _record(audit.PROPOSAL_DECLINED, by, proposal)
    _tell_sender(proposal)


def _lock_both(proposal: Proposal) -> Proposal:
    with scope(proposal.source_id):
        SentChange.locked(proposal.source_id_there)
    return Proposal.locked(proposal.pk)  # type: ignore[no-any-return]


def _refuse_answered(proposal: Proposal) -> None:
    if proposal.state != OfferState.OFFERED:
        raise CannotMove(f"This proposal was {proposal.get_state_display().lower()}.")


def _answer(row: SentChange | Proposal, state: str) -> None:
    row.state, row.answered_at = state, timezone.now()
    row.save(update_fields=["state", "answered_at"])


def _tell_sender(proposal: Proposal) -> None:
    there: UUID = proposal.source_id_there
    with scope(proposal.source_id):
        sent = SentChange.objects.select_related("adaptation__item", "author").get(pk=there)
        _answer(sent, proposal.state)
        _say(audit.CHANGE_ANSWERED, PROPOSALS, sent, answer=sent.get_state_display().lower())


def _say(action: Action, by: Actor, sent: SentChange, **data: Any) -> None:
    item = sent.adaptation.item
    record(
        action,
        by=by,
        subject=sent.adaptation,
        number=item.number,
        title=item.title,
        author=sent.author.name,
        **data,
    )


def _record(action: Action, by: Actor, proposal: Proposal, **data: Any) -> None:
    record(
        action,
        by=by,
        subject=proposal,
        number=proposal.number,
        title=proposal.title,
        source=proposal.source.name,
        **data,
    )
