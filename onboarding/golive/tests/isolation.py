"""What the isolation suite needs to know about gates, reviews and waivers."""

from datetime import timedelta

from django.utils import timezone

from facts.models import Fact
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item, Program, TeamRole
from onboarding.golive.actions.go_live import go_live
from onboarding.golive.models import GateReview, Vote, Waiver
from onboarding.golive.models.signature import Proof
from tenancy.models import Site
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation


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
    condition = review.set_condition(
        title=f"Cover {lane.token}", owner=vote.role, workaround=f"List {lane.token}", expires_on=lane.things["soon"],
        by=home.actor("implementation_manager"),
    )  # fmt: skip
    fact = _coverage(deployment)
    lane.things |= {"review": review.pk, "waiver": waiver.pk, "role": vote.role, "gate": "G6", "fact": fact.pk}
    lane.things |= {"condition": condition.pk}


@builds(order=21)
def around_go_live(home: Home, lane: Lane) -> None:
    """One deployment each before its decision, before go-live and live; the host's alone, the same for both lanes."""
    common = home.shared_things
    if "live_deployment" not in common:
        common["to_decide"] = _convened(home, lane, "Deciding").pk
        common["signed_deployment"] = _decided(home, lane, "Signed").pk
        common["signed_review"] = GateReview.objects.get(deployment_id=common["signed_deployment"]).pk
        live = _decided(home, lane, "Live")
        go_live(live, by=home.actor("implementation_manager"))
        common["live_deployment"] = live.pk
        common["signer"] = home.people["approver"].name
        common["chair"] = home.people["implementation_manager"].name
    names = ("to_decide", "signed_deployment", "signed_review", "live_deployment", "signer", "chair")
    lane.things |= {name: common[name] for name in names}


def _convened(home: Home, lane: Lane, title: str) -> GateReview:
    """A go/no-go in which everybody has voted and everything holds; how it came to hold is no part of it."""
    by = home.actor("implementation_manager")
    site = Site(name=f"{title} {home.closed_token}", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    site.save(force_insert=True)
    program = Program.objects.get(pk=lane.things["program"])
    planned = plan_deployment(program, site, go_live_on=timezone.localdate() + timedelta(days=120), by=by, wave=2)
    TeamRole.objects.filter(deployment=planned).update(
        person=home.people["contributor"], deputy=home.people["implementation_manager"], vacant_since=None
    )
    Item.objects.filter(deployment=planned, stage__lte=6, state="todo", completed_by_gate=False).update(
        state="accepted", done_at=timezone.now()
    )
    _coverage(planned)
    review = GateReview.convene(planned, "G6", by=by)
    for vote in Vote.objects.filter(review=review):
        vote.cast(Vote.Choice.GO, by=home.actor("contributor"), reason="Seen")
    return review


def _decided(home: Home, lane: Lane, title: str) -> Deployment:
    signer = home.actor("approver")
    review = _convened(home, lane, title)
    proof = Proof.given(signer, timezone.now())
    review.decide("go", reason="Ready", printed_name=home.people["approver"].name, by=signer, proof=proof)
    return Deployment.objects.get(pk=review.deployment_id)


def _coverage(deployment: Deployment) -> Fact:
    about = {
        "subject_type": "deployments.deployment", "subject_id": deployment.pk, "deployment_id": deployment.pk,
        "source": "training",
    }  # fmt: skip
    Fact.objects.create(kind="training.access_without_training", value=0, **about)
    return Fact.objects.create(kind="training.coverage", value=0.97, **about)


def deployment(name: str) -> Filler:
    """The address of a deployment that a lane knows by this name."""
    return lambda lane: {"deployment": lane[name]}


def at_role(lane: Values) -> dict[str, object]:
    """A review and a role of its panel."""
    return {"review": lane["review"], "role": lane["role"]}


operation("org:golive:gates", ids("deployment"))
operation("org:golive:gate", ids("deployment", "gate"))
operation("org:golive:gate_as_of", ids("deployment", "gate"), query=lambda lane: {"at": "2100-01-01T00:00"})
operation("org:golive:convene", ids("deployment", "gate"), body=lambda lane: {}, get=False)
operation("org:golive:go_live", deployment("signed_deployment"), body=lambda lane: {})
operation("org:golive:rollback", deployment("live_deployment"), body=lambda lane: {"reason": "Too slow"})
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
    "org:golive:decide", lambda lane: {"review": lane["to_decide"]}, get=False,
    body=lambda lane: {
        "decision-decision": "go", "decision-reason": "Ready", "decision-printed_name": lane["signer"],
    },
)  # fmt: skip
operation("org:golive:drop_condition", ids("review", "condition"), get=False, body=lambda lane: {})
operation("org:golive:take_chair", ids("review"), get=False, body=lambda lane: {})
operation("org:golive:freeze", ids("review"), get=False, body=lambda lane: {})
operation("org:golive:pack", lambda lane: {"review": lane["review"], "number": 1})
operation("org:golive:pack_archive", lambda lane: {"review": lane["review"], "number": 1})
operation("org:golive:pack_file", lambda lane: {"review": lane["review"], "number": 1})
operation("org:golive:record", lambda lane: {"review": lane["signed_review"]})
operation(
    "org:golive:countersign", lambda lane: {"review": lane["signed_review"]}, get=False,
    body=lambda lane: {"countersign-printed_name": lane["chair"]},
)  # fmt: skip
operation("org:golive:withdraw", ids("review"), get=False, body=lambda lane: {"withdraw-reason": "Another day"})
operation(
    "org:golive:build_gate", lambda lane: {"draft": lane["playbook_draft"], "gate": "G5"},
    body=lambda lane: {
        "r:kind": "fact", "r:fact": "items.blocking_open", "r:stages": "5", "r:op": "eq", "r:value": "0",
        "r:says": "Open items", "do": "save",
    },
)  # fmt: skip
operation("org:golive:grant_waiver", ids("waiver"), get=False, body=lambda lane: {})
operation(
    "org:golive:refuse_waiver", ids("waiver"), get=False, body=lambda lane: {"refusal-reason": "Not like this"}
)  # fmt: skip
api("deployments/<uuid:deployment>/gates", ids("deployment"))
api("deployments/<uuid:deployment>/gates/<slug:gate>", ids("deployment", "gate"))
api("deployments/<uuid:deployment>/gate-reviews", ids("deployment"))
api("gate-reviews/<uuid:pk>", lambda lane: {"pk": lane["review"]})
api(
    "deployments/<uuid:deployment>/gates/<slug:gate>/convene",
    ids("deployment", "gate"),
    get=False,
    body=lambda lane: {},
)
api(
    "gate-reviews/<uuid:pk>/votes/<slug:role>", lambda lane: {"pk": lane["review"], "role": lane["role"]}, get=False,
    body=lambda lane: {"choice": "go", "reason": "Seen"},
)  # fmt: skip
api(
    "gate-reviews/<uuid:pk>/conditions", lambda lane: {"pk": lane["review"]}, get=False,
    body=lambda lane: {
        "item_id": str(lane["other_conditional_item"]), "owner": lane["role"], "workaround": "By hand",
        "expires_on": lane["soon"].isoformat(),
    },
)  # fmt: skip
api("gate-reviews/<uuid:pk>/freeze", lambda lane: {"pk": lane["review"]}, get=False, body=lambda lane: {})
api(
    "gate-reviews/<uuid:pk>/withdraw", lambda lane: {"pk": lane["review"]}, get=False,
    body=lambda lane: {"reason": "Another day"},
)  # fmt: skip
SIGNED = "it takes the password and a one-time code of a person, which the suite's people do not have"
PROOF = {"password": "not it", "code": "000000"}
api(
    "gate-reviews/<uuid:pk>/decide", lambda lane: {"pk": lane["to_decide"]}, get=False, never_succeeds=SIGNED,
    body=lambda lane: {"decision": "go", "reason": "Ready", "printed_name": lane["signer"], **PROOF},
)  # fmt: skip
api(
    "gate-reviews/<uuid:pk>/countersign", lambda lane: {"pk": lane["signed_review"]}, get=False, never_succeeds=SIGNED,
    body=lambda lane: {"printed_name": lane["chair"], **PROOF},
)  # fmt: skip
