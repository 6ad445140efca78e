"""What the isolation suite needs to know about adaptations."""

from typing import Any

from onboarding.adaptations.actions.adapt import add_item
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.models import Deployment, Item
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, builds, ids, operation

FRAME = {"reason": "organization", "goal": "feasibility", "fidelity": "consistent"}


@builds(order=35)
def adaptations(home: Home, lane: Lane) -> None:
    """An item of the site's own, recorded; and one that is offered."""
    by = home.actor("implementation_manager")
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    made = [
        add_item(
            deployment, title=f"{title} {lane.token}", stage=3, owner="SPM", due_on=lane.things["soon"],
            gate_class="informs", frame={**FRAME, "note": f"Why {home.closed_token}"}, by=by,
        )
        for title in ("Recorded", "Offered")
    ]  # fmt: skip
    made[1].offer(by=by)
    core = Item.objects.filter(deployment=deployment, playbook_item__core=True, state="todo", completed_by_gate=False)
    plain = core.exclude(playbook_item__tags__overlap=["safety", "privacy"]).order_by("-number")[0]
    lane.things |= {"adaptation": made[0].pk, "offered": made[1].pk, "core_item": plain.pk}
    assert Adaptation.objects.get(pk=made[1].pk).state == "offered"


def at_core_item(lane: Values) -> dict[str, Any]:
    """The address of a core item."""
    return {"deployment": lane["deployment"], "item": str(lane["core_item"])}


operation("org:adaptations:list")
operation("org:adaptations:export")
operation("org:adaptations:offer", ids("adaptation"), get=False, body=lambda lane: {})
operation("org:adaptations:decline", lambda lane: {"adaptation": lane["offered"]}, get=False, body=lambda lane: {})
operation(
    "org:adaptations:take", lambda lane: {"adaptation": lane["offered"]}, get=False,
    body=lambda lane: {"draft": str(lane["playbook_draft"])},
)  # fmt: skip
operation(
    "org:adaptations:add", ids("deployment"),
    body=lambda lane: {
        **FRAME, "title": "Our own", "stage": "3", "owner": "SPM", "due_on": lane["soon"].isoformat(), "gate_class": "informs",
    },
)  # fmt: skip
operation(
    "org:adaptations:change", at_core_item,
    body=lambda lane: {**FRAME, "title": "Our way", "owner": "SPM", "gate_class": "blocks"},
)  # fmt: skip
operation("org:adaptations:drop", at_core_item, body=lambda lane: dict(FRAME))
operation(
    "org:adaptations:learn", lambda lane: {"deployment": lane["live_deployment"]},
    body=lambda lane: {"title": "As it went", "key": "as-it-went"},
)  # fmt: skip
