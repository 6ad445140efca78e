"""What the isolation suite needs to know about tracker imports."""

from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.deployments.models import Deployment
from onboarding.trackers.actions.upload import upload
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds, ids, operation


@builds(order=830)
def tracker(home: Home, lane: Lane) -> None:
    """Upload a small tracker."""
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    content = f"Task,Status\nOwn thing {home.closed_token},open\n".encode()
    by = home.actor("implementation_manager")
    lane.things["tracker"] = upload(deployment, content, f"tracker-{home.closed_token}.csv", by=by).pk


operation(
    "org:trackers:index", ids("deployment"),
    body=lambda lane: {"file": SimpleUploadedFile("tracker.csv", b"Task,Status\nCall the vendor,open\n")},
)  # fmt: skip
operation("org:trackers:show", ids("tracker"))
operation("org:trackers:columns", ids("tracker"), get=False, body=lambda lane: {"column-title": "Task"})
operation("org:trackers:rows", ids("tracker"), get=False, body=lambda lane: {"row-2": "Leave out"})
operation("org:trackers:apply", ids("tracker"), get=False, body=lambda lane: {"seen": "x"})
