"""What the isolation suite needs to know about tracker imports."""

from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.deployments.models import Deployment, Item
from onboarding.trackers.actions.apply import digest
from onboarding.trackers.actions.upload import upload
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.planning import plan
from tenancy.models import Organization
from tenancy.scope import scope
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, builds, ids, operation


@builds(order=830)
def tracker(home: Home, lane: Lane) -> None:
    """Upload a small tracker."""
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    content = f"Task,Status\nOwn thing {home.closed_token},open\n".encode()
    by = home.actor("implementation_manager")
    lane.things["tracker"] = upload(deployment, content, f"tracker-{home.closed_token}.csv", by=by).pk


def seen(lane: Values) -> str:
    """The mark of what the preview shows now; none for a tracker that is not there."""
    organization = Organization.objects.filter(slug=lane["slug"]).first()
    if organization is None:
        return "none"
    with scope(organization.pk):
        tracker = TrackerImport.objects.filter(pk=lane["tracker"]).first()
        if tracker is None:
            return "none"
        return digest(plan(tracker, list(Item.objects.of_deployment(tracker.deployment_id)), may_accept=True))


operation(
    "org:trackers:index", ids("deployment"),
    body=lambda lane: {"file": SimpleUploadedFile("tracker.csv", b"Task,Status\nCall the vendor,open\n")},
)  # fmt: skip
operation("org:trackers:show", ids("tracker"))
operation("org:trackers:columns", ids("tracker"), get=False, body=lambda lane: {"column-title": "Task"})
operation("org:trackers:sheet", ids("tracker"), get=False, body=lambda lane: {"sheet": ""})
operation("org:trackers:rows", ids("tracker"), get=False, body=lambda lane: {"row-2": "Leave out"})
operation("org:trackers:apply", ids("tracker"), get=False, body=lambda lane: {"seen": seen(lane)})
