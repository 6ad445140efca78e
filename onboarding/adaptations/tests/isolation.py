"""What the isolation suite needs to know about adaptations."""

from typing import Any

from accounts.models import Membership
from audit.actor import Actor
from onboarding.adaptations.actions.adapt import add_item
from onboarding.adaptations.actions.propose import propose
from onboarding.adaptations.models import Adaptation, Proposal
from onboarding.adaptations.tests.crossing import FRAME, add, offered, plan_with, publish
from onboarding.deployments.models import Deployment, Item
from onboarding.playbooks.actions import hand_over
from tenancy.scope import scope
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation


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


@builds(order=36)
def across(home: Home, lane: Lane) -> None:
    """Playbooks and changes on their way in both directions; the host's alone, the same for both lanes."""
    common = home.shared_things
    if "proposal" not in common:
        common |= _from_vendor(home) | _with_hub(home)
    names = ("received_playbook", "given_playbook", "sendable", "sent", "proposal")
    lane.things |= {name: common[name] for name in names}


def _from_vendor(home: Home) -> dict[str, Any]:
    """A playbook of the vendor's that waits for an answer; and one whose copy the host works with and changes."""
    by, vendor = home.actor("implementation_manager"), home.partners["vendor"]
    with scope(vendor.pk):
        author = _owner(home, "vendor")
        versions = [publish(author, key=key, title=f"{key} {home.closed_token}") for key in ("waiting", "taken")]
    waiting, taken = (offered(vendor, author, home.organization, one) for one in versions)
    copy = hand_over.accept(taken, by=by)
    planned = plan_with(copy, by, title=f"Copied {home.closed_token}", vendor=vendor, site=f"Copy {home.closed_token}")
    sendable, sent = (add(planned, by, f"{title} {home.closed_token}") for title in ("Sendable", "Sent"))
    made = propose(sent, words=f"Words {home.closed_token}", by=by)
    return {"received_playbook": waiting.pk, "sendable": sendable.pk, "sent": made.pk}


def _with_hub(home: Home) -> dict[str, Any]:
    """A playbook of the host's that the hub works with and changes; and one that the hub has not answered."""
    by, hub = home.actor("implementation_manager"), home.partners["hub"]
    mine = publish(by, key="for-hub", title=f"For hub {home.closed_token}")
    theirs = publish(by, key="unanswered", title=f"Unanswered {home.closed_token}")
    taken = offered(home.organization, by, hub, mine)
    given = hand_over.offer(theirs, hub, by=by)
    with scope(hub.pk):
        there = _owner(home, "hub")
        copy = hand_over.accept(taken, by=there)
        planned = plan_with(
            copy, there, title=f"At hub {home.closed_token}", vendor=hub, site=f"Hub {home.closed_token}"
        )
        sent = propose(add(planned, there, f"Proposed {home.closed_token}"), words=f"Why {home.closed_token}", by=there)
    return {"given_playbook": given.pk, "proposal": Proposal.objects.get(source_id_there=sent.pk).pk}


def _owner(home: Home, part: str) -> Actor:
    return Membership.objects.active().get(user=home.people[part]).actor


def at_core_item(lane: Values) -> dict[str, Any]:
    """The address of a core item."""
    return {"deployment": lane["deployment"], "item": str(lane["core_item"])}


operation("org:adaptations:list")
operation("org:adaptations:proposals")
operation(
    "org:adaptations:proposal_take",
    ids("proposal"),
    get=False,
    body=lambda lane: {"draft": str(lane["playbook_draft"])},
)
operation("org:adaptations:proposal_decline", ids("proposal"), get=False, body=lambda lane: {})
operation("org:adaptations:withdraw", ids("sent"), get=False, body=lambda lane: {})
operation(
    "org:adaptations:propose", lambda lane: {"adaptation": lane["sendable"]}, body=lambda lane: {"words": "It works"}
)
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


def pk(name: str) -> Filler:
    """The address of a thing that the API calls `pk`."""
    return lambda lane: {"pk": lane[name]}


def into(lane: Values) -> dict[str, Any]:
    """The draft that takes a change."""
    return {"draft": str(lane["playbook_draft"])}


api("adaptations")
api("adaptations/<uuid:pk>", pk("adaptation"))
api("adaptations/<uuid:pk>/offer", pk("adaptation"), get=False, body=lambda lane: {})
api("adaptations/<uuid:pk>/decline", pk("offered"), get=False, body=lambda lane: {})
api("adaptations/<uuid:pk>/take", pk("offered"), get=False, body=into)
api("adaptations/<uuid:pk>/propose", pk("sendable"), get=False, body=lambda lane: {"words": "It works"})
api("playbook-proposals")
api("playbook-proposals/<uuid:pk>/take", pk("proposal"), get=False, body=into)
api("playbook-proposals/<uuid:pk>/decline", pk("proposal"), get=False, body=lambda lane: {})
