"""What the page of a review shows: head and verdict, what the decision stands on, the votes, and what the reader may do."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from audit.timeline import timeline
from onboarding.deployments.models import TeamRole
from onboarding.golive.evidence import changes, look
from onboarding.golive.models import EvidencePack, GateReview, Vote
from onboarding.golive.models.condition import Condition
from onboarding.golive.rules import GO_NO_GO, Assessment
from onboarding.golive.verification import verified
from onboarding.golive.web.explain import Explanation
from onboarding.golive.web.forms import ConditionForm, DecisionForm, SignForm, VoteForm
from onboarding.golive.web.proof import proof_of, steps
from web.forms import ReasonForm
from web.render import etag

VOTE_STATUS = {"go": "go", "conditions": "conditional_go", "no_go": "no_go", "abstain": "abstain", "": "waiting"}
VOTE_WORDS = {"go": "go", "conditions": "with conditions", "no_go": "no-go", "abstain": "abstain", "": "not yet"}
CONDITION = {"met": ("met", "Met"), "open": ("amber", "Open"), "over": ("expired", "Over")}


def find(pk: UUID) -> GateReview:
    """Return a review with everything that its page names; raise Http404."""
    found: GateReview | None = (
        GateReview.objects.select_related(
            "deployment__site",
            "deployment__program",
            "deployment__tool_version__tool",
            "deployment__playbook_version__playbook",
            "deployment__wave",
            "decided_by",
            "convened_by",
            "chair",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def version_of(review: GateReview) -> tuple[Any, ...]:
    """Return what changes whenever the room does: the meeting, the deployment, the day, and the proofs that go stale."""
    now = timezone.now()
    minute = int(now.timestamp() // 60) if review.is_open else 0
    return review.pk, review.version, review.deployment.version, minute


def room(request: OrganizationRequest, review: GateReview, **forms: Any) -> dict[str, Any]:
    """Return the room. Partners see the outcome only, but for those who sit on the panel (product.md, who sees what)."""
    assessment = Assessment.of(review)
    mine = _seats(request, review)
    lens_open = request.part is None or any(vote.role in mine for vote in assessment.votes)
    return {
        "review": review,
        "deployment": review.deployment,
        "gate": review.definition,
        "version": etag(version_of(review)),
        "oob": False,
        "assessment": assessment,
        "verdict_words": _verdict_words(assessment),
        "heaviest": max((domain.weight for domain in assessment.score.domains), default=1) if assessment.score else 1,
        "open_house": lens_open,
        "criteria": Explanation(request, review.deployment).lines(assessment.outcome, assessment.readings),
        "votes": assessment.votes,
        "vote_words": _count(assessment.votes),
        "vote_status": VOTE_STATUS,
        "dissent": assessment.dissent(review.decision) if review.decision else [],
        "conditions": _conditions(assessment.conditions),
        "role_titles": dict(TeamRole.objects.filter(deployment=review.deployment).values_list("code", "title")),
        "former": _former(review),
        **_pack(request, review),
        **_signatures(review),
        **_acts(request, review, assessment, mine, forms),
        "history": timeline(review.pk) if lens_open else [],
    }


def _acts(
    request: OrganizationRequest, review: GateReview, assessment: Assessment, mine: set[str], forms: dict[str, Any]
) -> dict[str, Any]:
    """What the reader may do here, with the forms for it."""
    address = reverse("org:golive:review", kwargs={"org": request.organization.slug, "review": review.pk})
    convenes = review.is_open and can(request, Permission.GATE_CONVENE)
    signs = review.is_open and can(request, Permission.GATE_SIGN)
    me = request.user.pk
    capacity, meaning = review.capacity_of(me) if review.state == GateReview.State.DECIDED else ("", "")
    countersigns = bool(capacity) and not review.signatures.filter(signer_id=me).exists()
    proof = proof_of(request)
    return {
        "my_votes": _my_votes(request, review, mine, assessment, forms.get("vote_form")),
        "may_decide": signs,
        "may_convene": convenes,
        "may_countersign": countersigns,
        "countersign_meaning": meaning,
        "not_the_signer": _not_the_signer(review, me) if signs else "",
        "decisions": [(value, label, assessment.excludes(value)) for value, label in _decisions(review)],
        "proof": proof,
        "proof_steps": steps(request, proof, f"{address}#sign") if signs or countersigns else [],
        "decision_form": forms.get("decision_form") or DecisionForm(prefix="decision"),
        "sign_form": forms.get("sign_form") or SignForm(prefix="countersign"),
        "condition_form": forms.get("condition_form") or ConditionForm(review, prefix="condition")
        if convenes
        else None,
        "withdraw_form": forms.get("withdraw_form") or ReasonForm(prefix="withdraw"),
    }


def _pack(request: OrganizationRequest, review: GateReview) -> dict[str, Any]:
    """The evidence pack frozen last and what is not as it was; for the host's people alone."""
    pack: EvidencePack | None = review.pack if request.part is None else None
    changed = changes(pack.content, look(review)) if pack and review.is_open else []
    return {"pack": pack, "changed": changed}


def _signatures(review: GateReview) -> dict[str, Any]:
    found = verified(review)
    chair_signed = any(one.signer_id == review.chair_id for one, _ in found)
    return {"signatures": found, "chair_missing": review.state == GateReview.State.DECIDED and not chair_signed}


def _conditions(conditions: tuple[Condition, ...]) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [{"one": one, "look": CONDITION[one.standing(today)]} for one in conditions]


def _former(review: GateReview) -> GateReview | None:
    """The decision before this meeting, if any: the page says what it follows on."""
    earlier = GateReview.objects.decided().filter(deployment=review.deployment_id, gate=review.gate)
    return earlier.filter(number__lt=review.number).first()


def _not_the_signer(review: GateReview, me: Any) -> str:
    if me == review.convened_by_id:
        return "You convened this meeting: somebody else decides and signs."
    return "You chair this meeting: somebody else decides and signs." if me == review.chair_id else ""


def _decisions(review: GateReview) -> list[tuple[str, str]]:
    if review.gate == GO_NO_GO:
        return list(GateReview.Decision.choices)
    return [(GateReview.Decision.GO, "Pass"), (GateReview.Decision.NO_GO, "Do not pass")]


def _seats(request: OrganizationRequest, review: GateReview) -> set[str]:
    """Return the team roles that the person fills or deputizes."""
    me = request.user.pk
    team = TeamRole.objects.filter(deployment_id=review.deployment_id).values_list("code", "person_id", "deputy_id")
    return {code for code, *holders in team if me in holders}


def _my_votes(
    request: OrganizationRequest,
    review: GateReview,
    mine: set[str],
    assessment: Assessment,
    failed: tuple[str, VoteForm] | None,
) -> list[dict[str, Any]]:
    if not review.is_open or not can(request, Permission.GATE_VOTE):
        return []
    rows = []
    for vote in assessment.votes:
        if vote.role in mine:
            initial = {"choice": vote.choice, "reason": vote.reason}
            form = failed[1] if failed and failed[0] == vote.role else VoteForm(prefix=vote.role, initial=initial)
            rows.append({"vote": vote, "form": form})
    return rows


def _count(votes: tuple[Vote, ...]) -> str:
    counted = Counter(vote.choice for vote in votes)
    return ", ".join(f"{counted[key]} {word}" for key, word in VOTE_WORDS.items() if counted[key])


def _verdict_words(assessment: Assessment) -> str:
    """Say why the score comes to its verdict."""
    card = assessment.score
    if card is None:
        return ""
    if card.red_blocking:
        number = len(card.red_blocking)
        return f"{number} blocking {'item is' if number == 1 else 'items are'} open: no-go, whatever the score."
    if card.total < card.conditional_from:
        return f"The score is below {card.conditional_from}."
    band = f"{card.conditional_from} to {card.go_from - 1} means that every amber item needs an owner, a workaround and an expiry."
    bare = len(assessment.uncovered)
    if bare:
        return f"Nothing blocks. {bare} amber {'item has' if bare == 1 else 'items have'} no condition yet: each needs one."
    if card.ambers:
        return "Nothing blocks, and every amber item has an owner, a workaround and an expiry."
    return (
        f"Nothing blocks. {band}"
        if card.total < card.go_from
        else f"Nothing blocks, and the score is {card.go_from} or more."
    )
