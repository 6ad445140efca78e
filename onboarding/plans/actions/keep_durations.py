"""Keep how long finished items took, for forecasts to come."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.plans.models import PastDuration
from onboarding.scheduling.effort import working_days


@transaction.atomic
def keep_durations(deployment_id: UUID, item_ids: Collection[Any] | None = None) -> int:
    """Write the duration of each accepted item (all of the deployment, or these), and drop those of reopened ones.

    A duration counts the working days from the first to the last, both included. It begins when work was started; where
    nobody said so, when what it waits for was finished, or when it had to begin by the plan, whichever was later.
    A gate's own row takes no time. Returns how many stand.
    """
    deployment = Deployment.objects.select_related("site").get(pk=deployment_id)
    chosen = Q() if item_ids is None else Q(pk__in=item_ids)
    items = Item.objects.filter(chosen, deployment_id=deployment_id, completed_by_gate=False)
    accepted = (
        items.filter(state=Item.State.ACCEPTED)
        .select_related("playbook_item")
        .annotate(free_at=Max("waits_for__predecessor__done_at"))
    )
    calendar, kept = working_calendar(deployment.site), []
    for item in accepted:
        done = timezone.localdate(item.done_at)
        estimate = working_days(item.playbook_item.effort_hours if item.playbook_item else None)
        begun = calendar.shift(calendar.on_or_before(item.due_on), 1 - estimate)
        if item.started_at:
            begun = timezone.localdate(item.started_at)
        elif free_at := item.free_at:  # type: ignore[attr-defined] # annotated above
            begun = max(begun, timezone.localdate(free_at))
        days = max(1, calendar.between(begun, done) + calendar.is_working(begun))
        kept.append(PastDuration(deployment=deployment, item=item, key=item.key, days=min(days, 32_767), done_on=done))
    PastDuration.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["organization", "item"], update_fields=["days", "done_on", "key"]
    )
    reopened = items.exclude(state=Item.State.ACCEPTED).values("pk")
    PastDuration.objects.filter(item__in=reopened).delete()
    return len(kept)
