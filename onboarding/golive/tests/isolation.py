"""What the isolation suite needs to know about gates, reviews and waivers."""

from onboarding.deployments.models import Deployment, Item
from onboarding.golive.models import GateReview, Vote, Waiver
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, builds, ids, operation


@builds(order=20)
def meeting_and_waiver(home: Home, lane: Lane) -> None:
    """Convene a review in which one role has voted, and ask for a waiver."""
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    review = GateReview.convene(deployment, "G6", by=home.actor("implementation_manager"))
    vote = Vote.objects.filter(review=review).order_by("role")[0]
    vote.cast(Vote.Choice.GO, by=home.actor("contributor"), reason=f"Seen {lane.token}")
    waiver = Waiver.ask(
        Item.objects.get(pk=lane.things["conditional_item"]), reason=f"Late {home.closed_token}",
        compensating_control=f"List {home.closed_token}", expires_on=lane.things["later"], by=home.actor("contributor"),
    )  # fmt: skip
    lane.things |= {"review": review.pk, "waiver": waiver.pk, "role": vote.role, "gate": "G6"}


def at_role(lane: Values) -> dict[str, object]:
    """A review and a role of its panel."""
    return {"review": lane["review"], "role": lane["role"]}


operation("org:golive:gates", ids("deployment"))
operation("org:golive:convene", ids("deployment", "gate"), body=lambda lane: {}, get=False)
operation(
    "org:golive:go_live", ids("deployment"), body=lambda lane: {},
    never_succeeds="go-live needs a signed G6; test_go_live.py has one",
)  # fmt: skip
operation(
    "org:golive:rollback", ids("deployment"), body=lambda lane: {"reason": "Too slow"},
    never_succeeds="only what is live can be rolled back; test_go_live.py has it",
)  # fmt: skip
operation(
    "org:golive:waivers", ids("deployment"),
    body=lambda lane: {
        "item": lane["other_conditional_item"], "reason": "Late", "compensating_control": "List",
        "expires_on": lane["later"].isoformat(),
    },
)  # fmt: skip
operation("org:golive:review", ids("review"))
operation(
    "org:golive:vote", at_role, get=False,
    body=lambda lane: {f"{lane['role']}-choice": "go", f"{lane['role']}-reason": "Seen"},
)  # fmt: skip
operation(
    "org:golive:condition", ids("review"), get=False,
    body=lambda lane: {
        "condition-item": lane["other_conditional_item"], "condition-owner": lane["role"],
        "condition-workaround": "By hand", "condition-expires_on": lane["soon"].isoformat(),
    },
)  # fmt: skip
operation(
    "org:golive:decide", ids("review"), get=False,
    body=lambda lane: {"decision-decision": "go", "decision-reason": "Ready", "decision-printed_name": "Sponsor"},
    never_succeeds="a signature needs a second factor proved within five minutes; test_review_pages.py has one",
)  # fmt: skip
operation("org:golive:withdraw", ids("review"), get=False, body=lambda lane: {"withdraw-reason": "Another day"})
operation("org:golive:grant_waiver", ids("waiver"), get=False, body=lambda lane: {})
operation(
    "org:golive:refuse_waiver", ids("waiver"), get=False, body=lambda lane: {"refusal-reason": "Not like this"}
)  # fmt: skip
