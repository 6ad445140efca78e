"""What the isolation suite needs to know about runs of the runbook."""

from datetime import timedelta

from django.utils import timezone

from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.models import Alarm, Run
from onboarding.deployments.models import Deployment, TeamRole
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, ids, operation


@builds(order=30)
def runs(home: Home, lane: Lane) -> None:
    """A rehearsal that goes on in each lane; of the host alone a run to start, one that is held and one that is live."""
    by, soon = home.actor("implementation_manager"), timezone.now() + timedelta(days=3)
    rehearsal = Run.plan(
        Deployment.objects.get(pk=lane.things["deployment"]), Run.Kind.REHEARSAL, starts_at=soon, by=by
    )
    rehearsal.start(by=by)
    rehearsal.say(f"On the bridge {lane.token}", by=by)
    common = home.shared_things
    if "run_to_start" not in common:
        signed = Deployment.objects.get(pk=common["signed_deployment"])
        common["run_to_start"] = Run.plan(signed, Run.Kind.LIVE, starts_at=soon, by=by).pk
        held = Run.plan(signed, Run.Kind.REHEARSAL, starts_at=soon, by=by)
        held.start(by=by)
        held.hold(by=by, reason=f"Waits {home.closed_token}")
        live = Run.plan(Deployment.objects.get(pk=common["live_deployment"]), Run.Kind.LIVE, starts_at=soon, by=by)
        live.start(by=by)
        TeamRole.objects.filter(deployment=live.deployment_id, code=live.decides).update(
            person=home.people["approver"], deputy=home.people["implementation_manager"]
        )
        report_figures(live, {"wrong_patient_results": 1}, by=by)
        common["alarm"] = Alarm.objects.get(run=live).pk
        common |= {"run_held": held.pk, "run_live": live.pk}
    lane.things |= {
        "run": rehearsal.pk,
        **{name: common[name] for name in ("run_to_start", "run_held", "run_live", "alarm")},
    }


def run(name: str) -> Filler:
    """The address of a run that a lane knows by this name."""
    return lambda lane: {"run": lane[name]}


operation("org:cutover:overview", ids("deployment"), query=lambda lane: {"run": lane["run"]})
operation(
    "org:cutover:plan", lambda lane: {"deployment": lane["live_deployment"]}, get=False,
    body=lambda lane: {"kind": "rehearsal", "day": lane["soon"].isoformat(), "hour": "05:00"},
)  # fmt: skip
operation("org:cutover:start", run("run_to_start"), body=lambda lane: {}, get=False)
for _verb, _body in (
    ("done", {"note": "Seen"}),
    ("skip", {"reason": "Done before"}),
):
    operation(
        f"org:cutover:{_verb}",
        lambda lane: {"run": lane["run"], "number": 1},
        body=lambda lane, body=_body: dict(body),
        get=False,
    )
for _verb in ("hold", "roll_back", "abandon"):
    operation(f"org:cutover:{_verb}", run("run"), body=lambda lane: {"reason": "The line is down"}, get=False)
operation("org:cutover:say", run("run"), body=lambda lane: {"text": "All here"}, get=False)
operation("org:cutover:resume", run("run_held"), body=lambda lane: {}, get=False)
operation("org:cutover:figures", run("run_live"), body=lambda lane: {"safety_events": "0"}, get=False)
operation(
    "org:cutover:decide", lambda lane: {"run": lane["run_live"], "alarm": lane["alarm"]}, get=False,
    body=lambda lane: {
        f"alarm-{lane['alarm']}-decision": "go_on", f"alarm-{lane['alarm']}-reason": "Checked by hand",
    },
)  # fmt: skip
api(
    "deployments/<uuid:deployment>/cut-over-runs", ids("deployment"),
    body=lambda lane: {"kind": "rehearsal", "starts_at": f"{lane['soon'].isoformat()}T10:00:00Z"},
)  # fmt: skip
api("cut-over-runs/<uuid:pk>", lambda lane: {"pk": lane["run"]})
api("cut-over-runs/<uuid:pk>/start", lambda lane: {"pk": lane["run_to_start"]}, body=lambda lane: {}, get=False)
api(
    "cut-over-runs/<uuid:pk>/steps/<int:number>/finish",
    lambda lane: {"pk": lane["run"], "number": 1},
    body=lambda lane: {"note": "Seen"},
    get=False,
)
api(
    "cut-over-runs/<uuid:pk>/steps/<int:number>/skip",
    lambda lane: {"pk": lane["run"], "number": 1},
    body=lambda lane: {"reason": "Done before"},
    get=False,
)
for _verb in ("hold", "rollback", "abandon"):
    api(
        f"cut-over-runs/<uuid:pk>/{_verb}",
        lambda lane: {"pk": lane["run"]},
        body=lambda lane: {"reason": "The line is down"},
        get=False,
    )
api("cut-over-runs/<uuid:pk>/resume", lambda lane: {"pk": lane["run_held"]}, body=lambda lane: {}, get=False)
api("cut-over-runs/<uuid:pk>/log", lambda lane: {"pk": lane["run"]}, body=lambda lane: {"text": "All here"}, get=False)
api(
    "cut-over-runs/<uuid:pk>/figures", lambda lane: {"pk": lane["run_live"]}, body=lambda lane: {"safety_events": 0}, get=False
)  # fmt: skip
api(
    "cut-over-runs/<uuid:pk>/alarms/<uuid:alarm>/decision",
    lambda lane: {"pk": lane["run_live"], "alarm": lane["alarm"]},
    body=lambda lane: {"decision": "go_on", "reason": "Checked by hand"},
    get=False,
)
