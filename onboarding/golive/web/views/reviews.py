"""The review room: looked at, and every verb of a meeting an address of its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GateReview, Vote
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.models.signature import SignatureRefused
from onboarding.golive.web.forms import ConditionForm, DecisionForm, SignForm, VoteForm
from onboarding.golive.web.proof import proof_of, signed
from onboarding.golive.web.room import find, version_of
from onboarding.golive.web.room import room as room_context
from web.forms import ReasonForm
from web.render import not_modified, page, render_fragment, toast


@require(Permission.GATE_READ)
def room(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Show a review: open for votes and a decision, or decided and closed for good. An open page follows."""
    found = find(review)
    if request.htmx:  # type: ignore[attr-defined]
        if unchanged := not_modified(request, version_of(found)):
            return unchanged
        return render_fragment(request, "golive/review.html", "room", {**room_context(request, found), "oob": True})
    return _room(request, found)


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
    found = find(review)
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
    """Set a condition on an open item, or a demand of the meeting's own."""
    found = find(review)
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
@require(Permission.GATE_CONVENE)
def drop_condition(request: OrganizationRequest, org: str, review: UUID, condition: UUID) -> HttpResponse:
    """Take a condition back."""
    found = find(review)
    return _plainly(request, found, lambda: found.drop_condition(condition, by=request.actor), "Condition dropped")


@require_POST
@require(Permission.GATE_CONVENE)
def take_chair(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Lead the meeting."""
    found = find(review)
    return _plainly(request, found, lambda: found.take_chair(by=request.actor), "You chair this meeting")


@require_POST
@require(Permission.GATE_CONVENE)
def freeze(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Freeze the evidence as it stands now."""
    found = find(review)
    return _plainly(
        request, found, lambda: found.freeze_again(by=request.actor), "The evidence is frozen as it stands now"
    )


@require_POST
@require(Permission.GATE_SIGN)
def decide(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Decide and sign; the signer must have proved who they are within five minutes."""
    found = find(review)
    form = DecisionForm(request.POST, prefix="decision")
    return _sign(request, found, found.decide, form) or _room(request, found, status=422, decision_form=form)


@require_POST
@require(Permission.GATE_READ)
def countersign(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Sign the record of a decision as its chair or as one of its panel; the verb knows who that is."""
    found = find(review)
    form = SignForm(request.POST, prefix="countersign")
    return _sign(request, found, found.countersign, form) or _room(request, found, status=422, sign_form=form)


@require_POST
@require(Permission.GATE_CONVENE)
def withdraw(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Close the meeting without a decision."""
    found = find(review)
    form = ReasonForm(request.POST, prefix="withdraw")
    if form.is_valid():
        try:
            found.withdraw(reason=form.cleaned_data["reason"], by=request.actor)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("org:golive:gates", org=org, deployment=found.deployment_id)
    return _room(request, found, status=422, withdraw_form=form)


def _sign(request: OrganizationRequest, review: GateReview, verb: Callable[..., Any], form: Any) -> HttpResponse | None:
    """Sign with what the form says and what the person proved; None, with the reason on the form, where it is refused."""
    if not form.is_valid():
        return None
    try:
        verb(**form.cleaned_data, by=request.actor, proof=proof_of(request))
    except (ReviewRefused, SignatureRefused) as refusal:
        form.add_error(None, str(refusal))
        return None
    signed(request)
    return redirect("org:golive:review", org=request.organization.slug, review=review.pk)


def _plainly(request: OrganizationRequest, review: GateReview, do: Any, said: str) -> HttpResponse:
    """Do something that has no form of its own; a refusal is told at the foot of the page."""
    try:
        do()
    except ReviewRefused as refusal:
        said = str(refusal)
    toast(request, said)
    return redirect("org:golive:review", org=request.organization.slug, review=review.pk)


def _room(request: OrganizationRequest, review: GateReview, status: int = 200, **forms: Any) -> HttpResponse:
    return page(request, "golive/review.html", room_context(request, review, **forms), status=status)
