"""What waits for an answer of this organization: places in waves that others lead."""

from django.urls import reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from onboarding.deployments.inbox import Entry
from onboarding.joint.models import Answer, OwnPlace
from web.formats import day


def offered_to(request: OrganizationRequest) -> list[Entry]:
    """Return the places that this person may accept or decline; one statement."""
    if request.part is not None or not can(request, Permission.DEPLOYMENT_PLAN):
        return []
    found = OwnPlace.objects.filter(answer=Answer.OFFERED).select_related(
        "leader", "deployment__site", "deployment__tool_version__tool"
    )
    address = reverse("org:joint:index", kwargs={"org": request.organization.slug})
    return [
        Entry(
            "waiting",
            "Answer wanted",
            f"{one.leader.name} offers {one.deployment.site.name} a place in {one.title}",
            address,
            "Its rules would hold this go-live back, and it would see gates and go-live.",
            f"go-live {day(one.deployment.go_live_on)}",
        )
        for one in found.order_by("received_at", "pk")
    ]
