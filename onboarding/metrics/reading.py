"""Read the stages of deployments from their items: two statements, whatever their number."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min, Q

from onboarding.decommission.models import Decommission
from onboarding.deployments.models import Deployment, Item
from onboarding.metrics.stages import SiteDates, StageDates

LEFT_OUT = (Item.State.NOT_APPLICABLE, Item.State.RETIRED)


def sites_of(deployments: Collection[Deployment]) -> dict[UUID, SiteDates]:
    """Return each deployment's stages, by its id; items of the organization's own belong to no stage of the measure."""
    zones = {one.pk: ZoneInfo(one.site.time_zone or "UTC") for one in deployments}
    counted = (
        Item.objects.filter(deployment_id__in=list(zones), playbook_item__stage_metric__isnull=False)
        .values("deployment_id", metric=F("playbook_item__stage_metric"))
        .annotate(
            applicable=Count("pk", filter=~Q(state__in=LEFT_OUT)),
            done=Count("pk", filter=Q(state=Item.State.ACCEPTED)),
            first=Min("done_at", filter=Q(state=Item.State.ACCEPTED)),
            last=Max("done_at", filter=Q(state=Item.State.ACCEPTED)),
        )
        .order_by()
    )
    stages: dict[UUID, dict[int, StageDates]] = {pk: {} for pk in zones}
    for row in counted:
        zone = zones[row["deployment_id"]]
        stages[row["deployment_id"]][row["metric"]] = StageDates(
            row["applicable"], row["done"], _day(row["first"], zone), _day(row["last"], zone)
        )
    ended = dict(
        Decommission.objects.filter(deployment_id__in=list(zones), state=Decommission.State.COMPLETED).values_list(
            "deployment_id", "ended_at"
        )
    )
    return {pk: SiteDates(found, _day(ended.get(pk), zones[pk])) for pk, found in stages.items()}


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None
