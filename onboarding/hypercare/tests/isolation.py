"""What the isolation suite needs to know about hypercare."""

from datetime import timedelta

from onboarding.deployments.models import Deployment
from onboarding.golive.tests.isolation import PROOF, SIGNED
from onboarding.hypercare.models import Article, CommandEntry, Extension, Hypercare, Ticket
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, ids, operation

DEFECT = {"kind": "defect", "severity": "3", "title": "Letters too small"}


@builds(order=830)
def register_and_period(home: Home, lane: Lane) -> None:
    """Report two defects on the lane's deployment; hypercare, an extension and its signed exit on the host's live one."""
    by = home.actor("implementation_manager")
    deployment = Deployment.objects.select_related("site").get(pk=lane.things["deployment"])
    common = {"kind": "defect", "by": by}
    ticket = Ticket.report(deployment, severity=3, title=f"Slow {lane.token}", safety=True, **common)
    safety = Ticket.report(deployment, severity=3, title=f"Late {lane.token}", safety=True, **common)
    Article.write(deployment, topic="queue", title=f"Queue {lane.token}", by=by)
    CommandEntry.write(deployment, kind="note", text=f"Bridge {home.closed_token}", by=by)
    shared = home.shared_things
    if "extension" not in shared:
        live = Deployment.objects.get(pk=lane.things["live_deployment"])
        period = Hypercare.begin(live, by=by)
        until = period.until + timedelta(days=7)
        shared["extension"] = Extension.ask(period, until=until, reason=f"More {home.closed_token}", by=by).pk
        shared |= {"extended_deployment": live.pk, "exited_deployment": _exited(home, lane).pk}
    lane.things |= {"number": ticket.number, "safety_number": safety.number}
    lane.things |= {name: shared[name] for name in ("extension", "extended_deployment", "exited_deployment")}


def _exited(home: Home, lane: Lane) -> Deployment:
    """A deployment in hypercare whose exit is signed; how it came to be is no part of it."""
    from django.utils import timezone

    from onboarding.deployments.actions.plan_deployment import plan_deployment
    from onboarding.deployments.models import Program
    from onboarding.golive.models import GatePass
    from tenancy.models import Site

    by = home.actor("implementation_manager")
    site = Site(name=f"Exited {home.closed_token}", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    site.save(force_insert=True)
    program = Program.objects.get(pk=lane.things["program"])
    made = plan_deployment(program, site, go_live_on=timezone.localdate() + timedelta(days=90), by=by, wave=2)
    made.record_go_live(by=by)
    made.refresh_from_db()
    Hypercare.begin(made, by=by)
    GatePass(deployment=made, gate="G8").save(force_insert=True)
    return made


def at(name: str) -> Filler:
    """The address of a deployment that a lane knows by this name."""
    return lambda lane: {"deployment": lane[name]}


def safety_ticket(lane: dict[str, object]) -> dict[str, object]:
    """The ticket whose safety event waits for review."""
    return {"deployment": lane["deployment"], "number": lane["safety_number"]}


TICKET = ids("deployment", "number")
operation("org:hypercare:overview", at("live_deployment"), body=lambda lane: {"active_users": "12"})
operation(
    "org:hypercare:terms", ids("deployment"),
    body=lambda lane: {f"answer_{one}": "30" for one in range(1, 5)} | {"fix_1": "4", "fix_2": "2", "fix_3": "9", "fix_4": "30"},
)  # fmt: skip
operation(
    "org:hypercare:extend", at("exited_deployment"), get=False,
    body=lambda lane: {
        "extension-until": (lane["later"] + timedelta(days=400)).isoformat(), "extension-reason": "More help",
    },
)  # fmt: skip
operation("org:hypercare:end", at("exited_deployment"), get=False, body=lambda lane: {})
operation(
    "org:hypercare:approve_extension", ids("extension"), get=False,
    body=lambda lane: {"approve-printed_name": lane["signer"]},
)  # fmt: skip
operation("org:hypercare:refuse_extension", ids("extension"), get=False, body=lambda lane: {"reason": "No"})
operation("org:hypercare:command", ids("deployment"), body=lambda lane: {"kind": "note", "text": "All quiet"})
operation("org:hypercare:tickets", ids("deployment"))
operation("org:hypercare:report", ids("deployment"), body=lambda lane: dict(DEFECT))
operation(
    "org:hypercare:article", ids("deployment"), get=False, body=lambda lane: {"topic": "print", "title": "Printing"}
)
operation("org:hypercare:ticket", TICKET)
operation("org:hypercare:change", TICKET, get=False, body=lambda lane: {"title": "Still slow"})
operation(
    "org:hypercare:grade", TICKET, get=False,
    body=lambda lane: {"grade-kind": "defect", "grade-severity": "4", "grade-reason": "There is another way"},
)  # fmt: skip
operation("org:hypercare:move", TICKET, get=False, body=lambda lane: {"state": "working"})
operation("org:hypercare:safety", safety_ticket, get=False, body=lambda lane: {"finding": "Nobody was harmed"})
api("deployments/<uuid:deployment>/hypercare", at("live_deployment"), body=lambda lane: {"active_users": 12})
api(
    "deployments/<uuid:deployment>/tickets", ids("deployment"),
    body=lambda lane: {"kind": "defect", "severity": 3, "title": "Letters too small"},
)  # fmt: skip
api("deployments/<uuid:deployment>/tickets/<int:number>", TICKET)
api(
    "deployments/<uuid:deployment>/tickets/<int:number>/move", TICKET, get=False, body=lambda lane: {"state": "working"}
)
api(
    "deployments/<uuid:deployment>/hypercare/extension", at("exited_deployment"), get=False,
    body=lambda lane: {"until": (lane["later"] + timedelta(days=400)).isoformat(), "reason": "More help"},
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/hypercare/extension/approve", at("extended_deployment"), get=False,
    never_succeeds=SIGNED, body=lambda lane: {"printed_name": lane["signer"], **PROOF},
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/hypercare/extension/refuse", at("extended_deployment"), get=False,
    body=lambda lane: {"reason": "No"},
)  # fmt: skip
