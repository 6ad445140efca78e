"""A person's open items as entries of a calendar: all-day events on their due dates, and go-lives."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from onboarding.deployments.models import Deployment, Item, TeamRole
from web.ical import Entry

MOST = 1000


def entries_of(user_id: UUID, base: str, org: str) -> list[Entry]:
    """Return the open items a person holds, by assignment or team role, and the go-lives of their teams; two statements."""
    holds = TeamRole.objects.filter(deployment_id=OuterRef("deployment_id"), code=OuterRef("owner"), person_id=user_id)
    items = (
        Item.objects.open()
        .filter(Q(assignee_id=user_id) | Q(assignee=None) & Exists(holds))
        .select_related("deployment__site", "deployment__tool_version__tool")
        .order_by("due_on", "pk")[:MOST]
    )
    inside = TeamRole.objects.filter(deployment_id=OuterRef("pk")).filter(Q(person_id=user_id) | Q(deputy_id=user_id))
    teams = (
        Deployment.objects.filter(Exists(inside), state__in=[Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK])
        .select_related("site", "tool_version__tool")
        .order_by("go_live_on", "pk")[:MOST]
    )
    place = f"{base}/o/{org}/deployments"
    return [
        Entry(
            f"item-{item.pk}", item.due_on, str(item), str(item.deployment),
            f"{place}/{item.deployment_id}/items/{item.number}/", item.version,
        )
        for item in items
    ] + [
        Entry(f"go-live-{one.pk}", one.go_live_on, f"Go-live: {one}", str(one), f"{place}/{one.pk}/timeline/", one.version)
        for one in teams
    ]  # fmt: skip
