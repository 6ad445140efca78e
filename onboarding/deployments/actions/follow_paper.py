"""What rests on a paper of the vault follows it: a newer version is brought to its items, an ended one opens them again."""

from typing import Any

from audit.actor import Actor
from onboarding.deployments import audit
from onboarding.deployments.models import Evidence, Item
from onboarding.vault.models import Paper
from tenancy.scope import scope

VAULT = Actor.system("vault")
ENDED = "In the vault: "


def follow_paper(paper: Paper, by: Actor) -> None:
    """Bring every use of the paper in line with it, in the transaction of the review.

    At every site, whoever reviewed it: a reviewer who is limited to some sites does not see the others.
    """
    with scope(paper.organization_id):
        _follow(paper, by)


def _follow(paper: Paper, by: Actor) -> None:
    in_use = Evidence.objects.filter(paper=paper)
    items = Item.objects.filter(pk__in=in_use.values("item_id")).order_by("pk")
    list(items.select_for_update(no_key=True, of=("self",)))  # items before evidence, as everywhere
    uses = list(in_use.select_related("item").order_by("item_id", "pk").select_for_update(no_key=True, of=("self",)))
    if paper.is_in_force and paper.approved_version is not None:
        _bring(paper, uses, by)
    elif paper.approved_version is None:
        _end(paper, uses, by)


def reopen_unproven(item_id: Any, *, by: Actor, reason: str) -> bool:
    """Open an accepted item again if evidence that it needs is gone; the gates that read it follow. Return whether it was."""
    item = Item.objects.get(pk=item_id)
    if item.state != Item.State.ACCEPTED or item.completed_by_gate or not item.missing_evidence():
        return False
    item.reopen(by=by, reason=reason[:500])
    return True


def _bring(paper: Paper, uses: list[Evidence], by: Actor) -> None:
    assert paper.approved_version is not None
    version = paper.version(paper.approved_version)
    for use in uses:
        if use.paper_version != version.number:
            use.stand_as(version, accepted=True)
            use.say(audit.EVIDENCE_RENEWED, by, version=version.number)
        elif use.state == Evidence.State.IN_REVIEW or use.note.startswith(ENDED):
            use.accept(by=by)


def _end(paper: Paper, uses: list[Evidence], by: Actor) -> None:
    if paper.state not in (Paper.State.FLAGGED, Paper.State.REVOKED):
        return
    reason = f"{ENDED}{paper.get_state_display().lower()}. {paper.note}"[:500]
    for use in uses:
        if use.note == reason:
            continue
        use.state, use.note = Evidence.State.RETURNED, reason
        use.save(update_fields=["state", "note"])
        use.say(audit.EVIDENCE_ENDED, by, reason=reason)
        reopen_unproven(use.item_id, by=VAULT, reason=f"{use.title}: {reason}")
