"""What waits for a person at gates: a vote in a role they hold, a signature, a waiver to answer."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from onboarding.deployments.inbox import Entry
from onboarding.deployments.models import TeamRole
from onboarding.golive.models import GateReview, Vote, Waiver
from web.formats import day

ABOUT = ("deployment__site", "deployment__tool_version__tool", "deployment__playbook_version")


def wanted(request: OrganizationRequest) -> list[Entry]:
    """Return what this person is asked for, in at most three statements."""
    found: list[Entry] = []
    if can(request, Permission.GATE_VOTE):
        found += [_vote(request, vote) for vote in _votes(request)]
    if request.part is not None:
        return found
    if can(request, Permission.GATE_SIGN):
        reviews = GateReview.objects.meeting().exclude(convened_by_id=request.actor.id).select_related(*ABOUT)
        found += [_signature(request, review) for review in reviews.order_by("convened_at")]
    if can(request, Permission.WAIVER_GRANT):
        asked = (
            Waiver.objects.waiting().exclude(asked_by_id=request.actor.id).select_related("item", "asked_by", *ABOUT)
        )
        found += [_waiver(request, waiver) for waiver in asked.order_by("asked_at")]
    return found


def _votes(request: OrganizationRequest) -> list[Vote]:
    me = request.actor.id
    mine = TeamRole.objects.filter(deployment_id=OuterRef("deployment_id"), code=OuterRef("role")).filter(
        Q(person_id=me) | Q(deputy_id=me)
    )
    open_votes = Vote.objects.filter(Exists(mine), choice="", review__state=GateReview.State.MEETING)
    return list(open_votes.select_related("review", *ABOUT).order_by("review__convened_at"))


def _vote(request: OrganizationRequest, vote: Vote) -> Entry:
    text = f"As {vote.title.lower()}; the meeting is open since {day(vote.review.convened_at)}."
    title = f"Vote on {vote.review.gate} of {vote.deployment}"
    return Entry("waiting", "Vote wanted", title, _room(request, vote.review), text, _go_live(vote.review))


def _signature(request: OrganizationRequest, review: GateReview) -> Entry:
    title = f"Decide and sign {review.gate} of {review.deployment}"
    return Entry(
        "signature_wanted",
        "Signature wanted",
        title,
        _room(request, review),
        review.definition["title"],
        _go_live(review),
    )


def _waiver(request: OrganizationRequest, waiver: Waiver) -> Entry:
    address = reverse(
        "org:golive:waivers", kwargs={"org": request.organization.slug, "deployment": waiver.deployment_id}
    )
    title = f"Answer the waiver of #{waiver.item.number} {waiver.item.title}"
    return Entry(
        "waiting",
        "Waiver asked for",
        title,
        address,
        f"{waiver.asked_by} asks: {waiver.reason}",
        f"ends {day(waiver.expires_on)}",
    )


def _room(request: OrganizationRequest, review: GateReview) -> str:
    return reverse("org:golive:review", kwargs={"org": request.organization.slug, "review": review.pk})


def _go_live(review: GateReview) -> str:
    return f"go-live {day(review.deployment.go_live_on)}"
