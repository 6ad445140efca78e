"""The review room: score, criteria, votes, conditions, decision and signature."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, require
from audit.timeline import timeline
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import SignatureRefused
from onboarding.golive.rules import Assessment
from onboarding.golive.web.forms import ConditionForm, DecisionForm, ReasonForm, VoteForm
from onboarding.golive.web.proof import address_of_proof, proof_of
from web.render import page, toast

VOTE_STATUS = {"go": "go", "conditions": "conditional_go", "no_go": "no_go", "abstain": "abstain", "": "waiting"}


@require(Permission.GATE_READ)
def room(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Show a review: open for votes and a decision, or decided and closed for good."""
    return _room(request, _find(review))


@require_POST
@require(Permission.GATE_CONVENE)
def convene(request: OrganizationRequest, org: str, deployment: UUID, gate: str) -> HttpResponse:
    """Open the meeting over a gate."""
    found = get_object_or_404(Deployment, pk=deployment)
    try:
        review = GateReview.convene(found, gate, by=request.actor)
    except ReviewRefused as refusal:
        toast(request, str(refusal))
        return redirect("org:golive:gates", org=org, deployment=deployment)
    return redirect("org:golive:review", org=org, review=review.pk)


@require_POST
@require(Permission.GATE_VOTE)
def vote(request: OrganizationRequest, org: str, review: UUID, role: str) -> HttpResponse:
    """Cast the vote of a panel role."""
    found = _find(review)
    seat = get_object_or_404(Vote, review=found, role=role)
    form = VoteForm(request.POST, prefix=role)
    if form.is_valid():
        try:
            seat.cast(form.cleaned_data["choice"], reason=form.cleaned_data["reason"], by=request.actor)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{seat.title}: {Vote.Choice(form.cleaned_data['choice']).label.lower()}")
            return redirect("org:golive:review", org=org, review=review)
    return _room(request, found, status=422, vote_form=(role, form))


@require_POST
@require(Permission.GATE_CONVENE)
def set_condition(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Set a condition on an open item."""
    found = _find(review)
    form = ConditionForm(found, request.POST, prefix="condition")
    if form.is_valid():
        try:
            found.set_condition(**form.cleaned_data, by=request.actor)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, "Condition set")
            return redirect("org:golive:review", org=org, review=review)
    return _room(request, found, status=422, condition_form=form)


@require_POST
@require(Permission.GATE_SIGN)
def decide(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Decide and sign; the signer must have proved who they are within five minutes."""
    found = _find(review)
    form = DecisionForm(request.POST, prefix="decision")
    proof = proof_of(request)
    if proof is None:
        form.add_error(None, "Prove who you are again: a signature needs it within the last five minutes.")
    elif form.is_valid():
        try:
            found.decide(**form.cleaned_data, by=request.actor, proof=proof)
        except (ReviewRefused, SignatureRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("org:golive:review", org=org, review=review)
    return _room(request, found, status=422, decision_form=form)


@require_POST
@require(Permission.GATE_CONVENE)
def withdraw(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Close the meeting without a decision."""
    found = _find(review)
    form = ReasonForm(request.POST, prefix="withdraw")
    if form.is_valid():
        try:
            found.withdraw(reason=form.cleaned_data["reason"], by=request.actor)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("org:golive:gates", org=org, deployment=found.deployment_id)
    return _room(request, found, status=422, withdraw_form=form)


def _find(pk: UUID) -> GateReview:
    names = (
        "deployment__site",
        "deployment__tool_version__tool",
        "deployment__playbook_version__playbook",
        "deployment__wave",
    )
    return get_object_or_404(GateReview.objects.select_related(*names, "decided_by", "convened_by"), pk=pk)


def _room(request: OrganizationRequest, review: GateReview, status: int = 200, **forms: Any) -> HttpResponse:
    """Partners see the outcome only, but for those who sit on the panel (product.md, who sees what)."""
    assessment = Assessment.of(review)
    mine = _seats(request, review)
    lens_open = request.part is None or any(vote.role in mine for vote in assessment.votes)
    context = {
        "review": review,
        "deployment": review.deployment,
        "gate": review.definition,
        "assessment": assessment,
        "heaviest": max((domain.weight for domain in assessment.score.domains), default=1) if assessment.score else 1,
        "open_house": lens_open,
        "votes": _votes(
            mine if review.is_open and can(request, Permission.GATE_VOTE) else set(), assessment, forms.get("vote_form")
        ),
        "vote_words": _count(assessment.votes),
        "vote_status": VOTE_STATUS,
        "decisions": [(value, label, assessment.excludes(value)) for value, label in _decisions(review)],
        "may_decide": review.is_open and can(request, Permission.GATE_SIGN),
        "may_convene": review.is_open and can(request, Permission.GATE_CONVENE),
        "proof": proof_of(request),
        "proof_address": address_of_proof(
            request,
            reverse("org:golive:review", kwargs={"org": request.organization.slug, "review": review.pk}) + "#sign",
        ),
        "decision_form": forms.get("decision_form") or DecisionForm(prefix="decision"),
        "condition_form": forms.get("condition_form") or ConditionForm(review, prefix="condition"),
        "withdraw_form": forms.get("withdraw_form") or ReasonForm(prefix="withdraw"),
        "signatures": [(one, one.is_valid(review.record)) for one in review.signatures.select_related("signer")],
        "history": timeline(review.pk) if lens_open else [],
        "role_titles": dict(TeamRole.objects.filter(deployment=review.deployment).values_list("code", "title")),
    }
    return page(request, "golive/review.html", context, status=status)


def _decisions(review: GateReview) -> list[tuple[str, str]]:
    if review.gate == "G6":
        return list(GateReview.Decision.choices)
    return [(GateReview.Decision.GO, "Pass"), (GateReview.Decision.NO_GO, "Do not pass")]


def _seats(request: OrganizationRequest, review: GateReview) -> set[str]:
    """Return the team roles that the person fills or deputizes."""
    me = request.user.pk
    team = TeamRole.objects.filter(deployment_id=review.deployment_id).values_list("code", "person_id", "deputy_id")
    return {code for code, *holders in team if me in holders}


def _votes(mine: set[str], assessment: Assessment, failed: tuple[str, VoteForm] | None) -> list[dict[str, Any]]:
    rows = []
    for vote in assessment.votes:
        form = (
            failed[1]
            if failed and failed[0] == vote.role
            else VoteForm(prefix=vote.role, initial={"choice": vote.choice, "reason": vote.reason})
        )
        rows.append({"vote": vote, "form": form if vote.role in mine else None})
    return rows


def _count(votes: tuple[Vote, ...]) -> str:
    words = {"go": "go", "conditions": "with conditions", "no_go": "no-go", "abstain": "abstain", "": "not yet"}
    counted = Counter(vote.choice for vote in votes)
    return ", ".join(f"{counted[key]} {word}" for key, word in words.items() if counted[key])
