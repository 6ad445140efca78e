"""What the isolation suite needs to know about reviews."""

from onboarding.deployments.models import Deployment
from onboarding.golive.tests.isolation import PROOF, SIGNED
from onboarding.reviews.models import Review
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, api, builds, operation


@builds(order=850)
def reviews(home: Home, lane: Lane) -> None:
    """Plan the reviews of the host's own deployment that is live, and hold one of them."""
    shared, by = home.shared_things, home.actor("implementation_manager")
    if "review_to_hold" not in shared:
        deployment = Deployment.objects.get(pk=lane.things["exited_deployment"])
        Review.plan(deployment, by=by)
        waits, held = Review.objects.filter(deployment=deployment).order_by("days")[:2]
        held.hold(attendees=[by.person_id], summary=f"Seen {home.closed_token}", findings=[], by=by)
        shared |= {"review_to_hold": waits.pk, "held_review": held.pk, "attendee": by.person_id}
    lane.things |= {name: shared[name] for name in ("review_to_hold", "held_review", "attendee")}


operation("org:reviews:calendar")
operation("org:reviews:index", lambda lane: {"deployment": lane["exited_deployment"]})
operation(
    "org:reviews:show", lambda lane: {"review": lane["review_to_hold"]},
    body=lambda lane: {"attendees": [str(lane["attendee"])], "summary": "Used daily"},
)  # fmt: skip
operation(
    "org:reviews:decide", lambda lane: {"review": lane["held_review"]}, get=False,
    body=lambda lane: {"decision-decision": "scale", "decision-reason": "Targets hold", "decision-printed_name": lane["signer"]},
)  # fmt: skip
api("deployments/<uuid:deployment>/reviews", lambda lane: {"deployment": lane["exited_deployment"]})
api("reviews/<uuid:pk>", lambda lane: {"pk": lane["review_to_hold"]})
api(
    "reviews/<uuid:pk>/hold", lambda lane: {"pk": lane["review_to_hold"]}, get=False,
    body=lambda lane: {"attendees": [str(lane["attendee"])], "summary": "Used daily"},
)  # fmt: skip
api(
    "reviews/<uuid:pk>/decide", lambda lane: {"pk": lane["held_review"]}, get=False, never_succeeds=SIGNED,
    body=lambda lane: {"decision": "scale", "reason": "Targets hold", "printed_name": lane["signer"], **PROOF},
)  # fmt: skip
