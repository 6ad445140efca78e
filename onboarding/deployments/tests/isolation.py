"""What the isolation suite needs to know about deployments."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from onboarding.deployments import approval_links
from onboarding.deployments.actions.edit_items import Edit, edit_items
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import (
    ApprovalPolicy,
    ApprovalRequest,
    Change,
    ClosedDay,
    Comment,
    Deployment,
    Evidence,
    Item,
    ItemDependency,
    Program,
    StatusLink,
    TeamRole,
)
from onboarding.deployments.status import links as status_links
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from onboarding.vault.files import store
from tenancy.models import Site
from testing.isolation.homes import SHARED, Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation, public_link


@builds(order=10)
def deployment(home: Home, lane: Lane) -> None:
    """Plan a deployment with its team, at a site of its own; share the one of the shared lane."""
    by = home.actor("implementation_manager")
    common = home.shared_things
    if not common:
        vendor = home.partners["vendor"]
        common["playbook"] = PlaybookVersion.adopt(load(STARTER), by=by, source="library")
        tool = Tool.register(title=f"Tool {home.open_token}", vendor=vendor, by=by)
        release = ToolVersion.register(tool, version="4.2", by=by)
        common["release"] = release
        common["program"] = Program.start(
            title=f"Program {home.open_token}", tool_version=release, playbook_version=common["playbook"], by=by
        )
    site = Site(name=f"Clinic {lane.token}", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    site.save(force_insert=True)
    go_live = timezone.localdate() + timedelta(days=120)
    planned = plan_deployment(common["program"], site, go_live_on=go_live, by=by, wave=1)
    TeamRole.objects.filter(deployment=planned).update(
        person=home.people["contributor"], deputy=home.people["implementation_manager"], vacant_since=None
    )
    items = Item.objects.filter(deployment=planned, state="todo").order_by("number")
    lane.things |= {
        "deployment": planned.pk,
        "site": site.pk,
        "program": common["program"].pk,
        "release": common["release"].pk,
        "playbook": common["playbook"].playbook_id,
        "playbook_version": common["playbook"].pk,
        "item": items[0].pk,
        "conditional_item": items.filter(gate_class="conditional", stage__lte=6, completed_by_gate=False)[0].pk,
        "other_conditional_item": items.filter(gate_class="conditional", stage__lte=6, completed_by_gate=False)[1].pk,
        "soon": timezone.localdate() + timedelta(days=5),
        "later": timezone.localdate() + timedelta(days=30),
    }
    lane.things |= _states(home, lane, planned) | _paper(home, lane, planned)
    if lane is home.lanes[SHARED]:
        for part, partner in home.partners.items():
            planned.share_with(partner, part=part, by=by)


def _states(home: Home, lane: Lane, planned: Deployment) -> dict[str, object]:
    """One item in each state that a verb starts from; how they came there is no part of it."""
    todo = Item.objects.filter(deployment=planned, state="todo", completed_by_gate=False).order_by("number")
    free = list(todo.exclude(gate_class="conditional")[:2])
    Item.objects.filter(pk__in=[item.pk for item in free]).update(evidence_wanted=[])  # they can be completed
    ItemDependency.objects.filter(item__in=free).delete()
    others = [item for item in todo if item not in free and item.gate_class != "conditional"]
    states = {"open_item": "todo", "reviewed_item": "in_review", "moving_item": "in_progress"}
    states |= {"accepted_item": "accepted", "blocked_item": "blocked", "spare_item": "todo", "asked_item": "todo"}
    chosen = dict(zip(states, [*free, *others[: len(states) - len(free)]], strict=True))
    for name, state in states.items():
        if state == "blocked":
            chosen[name].block(by=home.actor("contributor"), reason=f"Waits {lane.token}")
        elif state != "todo":
            done_at = timezone.now() if state == "accepted" else None
            Item.objects.filter(pk=chosen[name].pk).update(state=state, done_at=done_at)
    code = TeamRole.objects.filter(deployment=planned).order_by("code")[0].code
    return {name: item.pk for name, item in chosen.items()} | {"code": code}


def _paper(home: Home, lane: Lane, planned: Deployment) -> dict[str, object]:
    """A paper in review, an internal comment and a closed day."""
    item, by = Item.objects.get(pk=lane.things["item"]), home.actor("contributor")
    kept = store(home.organization.pk, f"Paper {lane.token}.txt", [f"Paper {lane.token}".encode()])
    evidence = Evidence.give(item, kept, by=by)
    Comment.add(item, body=f"Between us {home.closed_token}", by=by, internal=True)
    day = ClosedDay.add(
        day=planned.go_live_on + timedelta(days=len(home.lanes)), title=f"Holiday {home.open_token}", by=by
    )
    idle = Item.objects.filter(deployment=planned, state="todo", completed_by_gate=False).order_by("-number")[:1]
    change = edit_items(
        [one.pk for one in idle], Edit("start"), by=by, may_accept=False, said=f"started {home.closed_token}"
    )
    assert change
    return {
        "change": change.pk,
        "evidence": evidence.pk,
        "day": day.pk,
        "partner": home.partners["funder"].pk,
        "person": home.people["owner"].pk,
    }


def at_item(name: str) -> Filler:
    """The path of an item in a state."""
    return lambda lane: {"deployment": lane["deployment"], "item": str(lane[name])}


def paper(lane: Values) -> dict[str, object]:
    """The path of a paper."""
    return {"deployment": lane["deployment"], "evidence": lane["evidence"]}


operation("org:deployments:checklist", ids("deployment"))
operation("org:deployments:history", ids("deployment"))
operation("org:deployments:as_of", ids("deployment"))
operation("org:deployments:overview", ids("deployment"))
operation("org:deployments:tool_version", ids("deployment"), body=lambda lane: {"version": "9.9"})
operation("org:deployments:item", at_item("item"))
for verb, name, body in (
    ("start", "open_item", {}),
    ("complete", "open_item", {"note": "Done"}),
    ("accept", "reviewed_item", {}),
    ("return", "reviewed_item", {"reason_text": "Again", "reason": "Again"}),
    ("reopen", "accepted_item", {"reason_text": "Again", "reason": "Again"}),
    ("not_applicable", "spare_item", {"reason_text": "Not here", "reason": "Not here"}),
    ("block", "spare_item", {"reason": "Waits"}),
    ("unblock", "blocked_item", {}),
    ("comment", "item", {"body": "Seen"}),
):
    operation(
        f"org:deployments:item_{verb}", at_item(name), get=False, body=lambda lane, body=body: dict(body),
    )  # fmt: skip
operation("org:deployments:item_follow", at_item("item"), get=False, body=lambda lane: {})
operation("org:deployments:follow", ids("deployment"), get=False, body=lambda lane: {})
operation("org:deployments:names", ids("deployment"), query=lambda lane: {"q": "a"})
operation("org:deployments:item_assign", at_item("spare_item"), get=False, body=lambda lane: {"person": ""})
operation(
    "org:deployments:item_evidence", at_item("item"), get=False,
    body=lambda lane: {"file": SimpleUploadedFile("note.txt", b"Seen and kept.", content_type="text/plain")},
)  # fmt: skip
operation(
    "org:deployments:items_bulk", ids("deployment"), get=False,
    body=lambda lane: {"picked": str(lane["spare_item"]), "do": "block", "reason": "Waits"},
)  # fmt: skip
operation("org:deployments:changes")
operation("org:deployments:change_undo", ids("change"), body=lambda lane: {})
operation("org:deployments:evidence", lambda lane: {**paper(lane), "number": 1})
operation("org:deployments:evidence_accept", paper, get=False, body=lambda lane: {})
operation(
    "org:deployments:evidence_return", paper, get=False, body=lambda lane: {"reason_text": "Old", "reason": "Old"}
)
operation("org:deployments:evidence_mark", paper, get=False, body=lambda lane: {"for_partners": "yes"})
operation("org:deployments:programs")
operation("org:deployments:program", ids("program"))
operation(
    "org:deployments:program_start",
    body=lambda lane: {
        "title": "Another", "tool": "Another tool", "version": "1", "tier": "full",
        "playbook_version": str(lane["playbook_version"]),
    },
)  # fmt: skip
operation(
    "org:deployments:program_sites", ids("program"),
    body=lambda lane: {
        "picked": str(lane["site"]), "go_live_on": (timezone.localdate() + timedelta(days=150)).isoformat(), "wave": "2",
    },
)  # fmt: skip
operation("org:deployments:sharing", ids("deployment"), body=lambda lane: {"slug": "birch-hub", "part": "hub"})
operation("org:deployments:share_withdraw", ids("deployment", "partner"), get=False, body=lambda lane: {})
operation("org:deployments:team", ids("deployment"))
operation(
    "org:deployments:team_fill",
    ids("deployment", "code"),
    get=False,
    body=lambda lane: {"person": str(lane["person"]), "deputy": ""},
)
operation("org:deployments:team_vacate", ids("deployment", "code"), get=False, body=lambda lane: {})
operation("org:playbooks:index")
operation("org:playbooks:adopt", body=lambda lane: {}, get=False)
operation("org:playbooks:version", lambda lane: {"version": lane["playbook_version"]})
operation("org:deployments:inbox")
operation("org:deployments:portfolio")
operation(
    "org:deployments:portfolio_bulk", get=False,
    body=lambda lane: {"picked": str(lane["deployment"]), "do": "go_live", "given": "yes", "days": "7", "reason": "Later"},
)  # fmt: skip


def pk(name: str) -> Filler:
    """The address of a thing that the API calls `pk`."""
    return lambda lane: {"pk": lane[name]}


DEPLOYMENT = "deployments/<uuid:deployment>"
ITEM = f"{DEPLOYMENT}/items/<uuid:item>"
api("programs")
api("programs/<uuid:pk>", pk("program"))
api("deployments", query=lambda lane: {"program": lane["program"]})
api(DEPLOYMENT, ids("deployment"))
api(f"{DEPLOYMENT}/items", ids("deployment"))
api(ITEM, at_item("item"))
api(f"{ITEM}/start", at_item("open_item"), get=False, body=lambda lane: {})
api(f"{ITEM}/complete", at_item("open_item"), get=False, body=lambda lane: {})
api(f"{ITEM}/block", at_item("spare_item"), get=False, body=lambda lane: {"reason": "Waits"})
api(f"{ITEM}/unblock", at_item("blocked_item"), get=False, body=lambda lane: {})
api(f"{ITEM}/reopen", at_item("accepted_item"), get=False, body=lambda lane: {"reason": "Again"})
api(f"{ITEM}/comments", at_item("item"), body=lambda lane: {"body": "Seen"})
api("playbooks")
api("playbooks/<uuid:pk>", pk("playbook"))
api("playbooks/<uuid:playbook>/versions", ids("playbook"))
api(
    "playbooks/<uuid:playbook>/versions/<uuid:pk>",
    lambda lane: {"playbook": lane["playbook"], "pk": lane["playbook_version"]},
)
api(
    "playbooks/<uuid:playbook>/versions/<uuid:version>/items",
    lambda lane: {"playbook": lane["playbook"], "version": lane["playbook_version"]},
)


@builds(order=16)
def approval(home: Home, lane: Lane) -> None:
    """The approver is asked about an item, by a link too."""
    by = home.actor("implementation_manager")
    ApprovalPolicy.change(by=home.actor("owner"), by_mail=True)
    ItemDependency.objects.filter(item_id=lane.things["asked_item"]).delete()  # it can be completed
    Item.objects.filter(pk=lane.things["asked_item"]).update(evidence_wanted=[])
    item = Item.objects.get(pk=lane.things["asked_item"])
    asked = ApprovalRequest.ask(item, home.people["approver"], by=by, question=f"Is it right? {lane.token}")
    kept = store(home.organization.pk, f"Asked {lane.token}.txt", [f"Asked {lane.token}".encode()])
    paper = Evidence.give(item, kept, by=home.actor("contributor"))
    asked = ApprovalRequest.objects.with_item().get(pk=asked.pk)
    lane.things |= {
        "approval": asked.pk,
        "approver": home.people["approver"].pk,
        "asked_file": paper.versions.get().sha256,
        "approval_token": approval_links.path_of(asked, home.slug).split("/")[4],
    }


operation(
    "org:deployments:item_ask_approval", at_item("open_item"), get=False,
    body=lambda lane: {"person": str(lane["approver"]), "question": "Is it right?"},
)  # fmt: skip
operation(
    "org:deployments:item_answer_approval", at_item("asked_item"), get=False, body=lambda lane: {"answer": "approve"}
)
operation(
    "org:deployments:item_withdraw_approval", at_item("asked_item"), get=False,
    body=lambda lane: {"approval": str(lane["approval"])},
)  # fmt: skip
operation("org:deployments:approval_policy", body=lambda lane: {"way": "link"})
public_link("approval", lambda lane: {"org": lane["slug"], "token": lane["approval_token"]})
public_link(
    "approval_evidence",
    lambda lane: {
        "org": lane["slug"], "token": lane["approval_token"], "sha256": lane["asked_file"],
    },
)  # fmt: skip


@builds(order=17)
def status_link(home: Home, lane: Lane) -> None:
    """Somebody without an account sees how the deployment stands."""
    planned = Deployment.objects.get(pk=lane.things["deployment"])
    by = home.actor("implementation_manager")
    link = StatusLink.make(planned, by=by, purpose=f"Steering group {lane.token}", days=30)
    address = status_links.address_of(link, home.slug)
    lane.things |= {"status_link": link.pk, "status_token": address.split("/")[-2]}


@builds(order=18)
def what_tells_of_both(home: Home, lane: Lane) -> None:
    """A bulk change over both deployments and a link to the program: nothing to a member limited to one of the sites."""
    if lane is home.lanes[SHARED]:
        return
    by = home.actor("owner")
    roles = TeamRole.objects.filter(code=lane.things["code"]).select_related("deployment__site")
    change = Change.keep(
        Change.Kind.DEPLOYMENTS,
        f"{len(roles)} deployments: filled {lane.token}",
        [
            {"id": str(role.pk), "label": f"{role.title}, {role.deployment.site.name}", "before": {}, "after": {}}
            for role in roles
        ],
        by=by,
        deployment_ids={role.deployment_id for role in roles},
    )
    link = StatusLink.make(home.shared_things["program"], by=by, purpose=f"Board {lane.token}", days=30)
    lane.things |= {"change": change.pk, "status_link": link.pk}


def status_path(lane: Values) -> dict[str, object]:
    """The path of a status link."""
    return {"org": lane["slug"], "token": lane["status_token"]}


for subject in ("deployment", "program"):
    for ending in ("", "_pdf", "_xlsx"):
        operation(f"org:deployments:{subject}_status{ending}", ids(subject))
    operation(
        f"org:deployments:{subject}_status_link", ids(subject), get=False,
        body=lambda lane: {"purpose": "Board", "days": "30"},
    )  # fmt: skip
operation(
    "org:deployments:status_link_revoke", lambda lane: {"link": lane["status_link"]}, get=False, body=lambda lane: {}
)
for ending in ("", "_pdf", "_xlsx"):
    public_link(f"status{ending}", status_path)
