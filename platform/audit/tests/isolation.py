"""What the isolation suite needs to know about the event log."""

from audit.models import Event
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds, ids, operation


@builds(order=900)
def sealed_events(home: Home, lane: Lane) -> None:
    """Take an event of the deployment for its page; the command seals what the builders did."""
    event = Event.objects.of_deployment(lane.things["deployment"]).first()
    assert event is not None
    lane.things["event"] = event.pk


operation("org:audit:log", query=lambda lane: {"object": lane["deployment"], "deployment": lane["deployment"]})
operation("org:audit:export", lambda lane: {"kind": "jsonl"})
operation("org:audit:verifier")
operation("org:audit:event", ids("event"))
operation("org:audit:proof", ids("event"))
