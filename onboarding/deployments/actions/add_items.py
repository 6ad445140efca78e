"""Put items of the organization's own on a checklist: from a routine, from an imported tracker."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.actor import Actor
from audit.models.event import record_many
from onboarding.deployments import audit
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.progress import progressed


@transaction.atomic
def add_items(deployment_id: Any, items: list[Item], *, by: Actor) -> list[Item]:
    """Add items whose key the checklist does not have yet, numbered after its last; return those that were new."""
    Deployment.locked(deployment_id)
    known = set(
        Item.objects.filter(deployment_id=deployment_id, key__in=[one.key for one in items]).values_list(
            "key", flat=True
        )
    )
    new = [item for item in items if item.key not in known]
    if not new:
        return []
    last = Item.objects.filter(deployment_id=deployment_id).aggregate(last=Max("number"))["last"] or 0
    for number, item in enumerate(new, last + 1):
        item.deployment_id, item.number = deployment_id, number
    Item.objects.bulk_create(new)
    record_many(
        audit.ITEM_ADDED, by=by, subjects=[(item, {"number": item.number, "title": item.title}) for item in new]
    )
    progressed(deployment_id, by)
    return new
