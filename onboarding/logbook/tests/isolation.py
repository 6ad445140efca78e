"""What the isolation suite needs to know about the log and routines."""

from onboarding.deployments.models import Deployment
from onboarding.logbook.models import LogEntry, Routine
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds, ids, operation

RISK = {"kind": "risk", "cause": "champion_loss", "title": "Champion leaves", "likelihood": "3", "impact": "4"}


@builds(order=810)
def log_and_routine(home: Home, lane: Lane) -> None:
    """Write two entries, close one, and begin a routine."""
    by = home.actor("implementation_manager")
    deployment = Deployment.objects.select_related("program").get(pk=lane.things["deployment"])
    common = {"program": deployment.program, "deployment": deployment, "by": by, "kind": "risk"}
    entry = LogEntry.write(title=f"Risk {home.closed_token}", likelihood=3, impact=4, **common)
    closed = LogEntry.write(title=f"Old {home.closed_token}", likelihood=1, impact=1, **common)
    closed.close(by=by, outcome="Gone")
    routine = Routine.begin(
        deployment, title=f"Round {home.closed_token}", owner=str(lane.things["code"]), during="weekly", by=by
    )
    lane.things |= {"entry": entry.pk, "closed_entry": closed.pk, "routine": routine.pk}


operation("org:logbook:index")
operation("org:logbook:program", ids("program"))
operation("org:logbook:deployment", ids("deployment"))
operation("org:logbook:write", ids("deployment"), body=lambda lane: dict(RISK))
operation("org:logbook:write_for_program", ids("program"), body=lambda lane: dict(RISK))
operation("org:logbook:entry", ids("entry"))
operation("org:logbook:change", ids("entry"), get=False, body=lambda lane: dict(RISK))
operation("org:logbook:happened", ids("entry"), get=False, body=lambda lane: {"severity": "2"})
operation("org:logbook:close", ids("entry"), get=False, body=lambda lane: {"outcome": "Another champion"})
operation("org:logbook:reopen", lambda lane: {"entry": lane["closed_entry"]}, get=False, body=lambda lane: {})
operation(
    "org:logbook:routines", ids("deployment"),
    body=lambda lane: {"title": "Walk round", "owner": str(lane["code"]), "during": "daily", "hypercare_days": "30"},
)  # fmt: skip
operation("org:logbook:routines_usual", ids("deployment"), get=False, body=lambda lane: {})
operation("org:logbook:routine_end", ids("deployment", "routine"), get=False, body=lambda lane: {})
