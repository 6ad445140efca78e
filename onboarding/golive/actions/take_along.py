"""Let the conditions of a decision stand on the checklist: each an item with an owner and a due date."""

from typing import TYPE_CHECKING

from audit.actor import Actor
from onboarding.deployments.actions.add_items import add_items
from onboarding.deployments.models import Item, TeamRole
from onboarding.golive.models.condition import Condition

if TYPE_CHECKING:
    from onboarding.golive.models.review import GateReview


def take_along(review: "GateReview", *, by: Actor) -> None:
    """Make an item of each demand of the meeting's own; give each open item to its owner until the condition ends."""
    conditions = list(Condition.objects.of_review(review))
    people = {
        role.code: role.person
        for role in TeamRole.objects.filter(deployment=review.deployment_id).select_related("person")
    }
    own = [one for one in conditions if one.item is None]
    made = [one.as_item(review.definition, review.number, place) for place, one in enumerate(own, start=1)]
    add_items(review.deployment_id, made, by=by)
    for condition, item in zip(own, made, strict=True):
        condition.item = item
        condition.save(update_fields=["item"])
    for condition in conditions:
        item = Item.objects.get(pk=condition.item.pk)
        item.move_due(condition.expires_on, by=by)
        if people.get(condition.owner):
            item.assign(people[condition.owner], by=by)
