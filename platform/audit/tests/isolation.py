"""What the isolation suite needs to know about the event log."""

from audit.models import Event, LegalHold
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds, ids, operation


@builds(order=900)
def sealed_events(home: Home, lane: Lane) -> None:
    """Take an event of the deployment for its page; the command seals what the builders did."""
    event = Event.objects.of_deployment(lane.things["deployment"]).first()
    assert event is not None
    lane.things["event"] = event.pk
    hold = LegalHold.place(
        matter=f"Matter {lane.token}", reason=f"Asked for {home.closed_token}", by=home.actor("owner")
    )
    lane.things["hold"] = hold.pk


operation("org:audit:log", query=lambda lane: {"object": lane["deployment"], "deployment": lane["deployment"]})
operation("org:audit:reads", query=lambda lane: {"object": lane["deployment"]})
operation("org:audit:export", lambda lane: {"kind": "jsonl"})
operation("org:audit:verifier")
operation("org:audit:event", ids("event"))
operation("org:audit:proof", ids("event"))
operation("org:audit:holds", body=lambda lane: {"matter": "Another matter", "reason": "Counsel asked for it."})
operation("org:audit:release_hold", ids("hold"), body=lambda lane: {"reason": "The case was settled."}, get=False)
