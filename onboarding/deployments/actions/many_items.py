"""The verbs of an item for many at once: one statement for the rows, an event for each, all or none."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record_many
from audit.vocabulary import Action
from onboarding.deployments import audit
from onboarding.deployments.models import Item
from onboarding.deployments.models.progress import progressed


@transaction.atomic
def complete_many(ids: Iterable[Any], *, by: Actor, may_accept: bool) -> list[Item]:
    """Complete several items of one deployment in one transaction: all of them, or none.

    Raises ItemRefused naming the first item that cannot be completed.
    """
    items = _locked(ids)
    now, state = timezone.now(), Item.State.ACCEPTED if may_accept else Item.State.IN_REVIEW
    todo = [item for item in items if item.state not in (Item.State.ACCEPTED, state)]
    for item in todo:
        item.refuse_unless_completable(besides={one.pk for one in items})
        item.check_move(state)
        item.state, item.version = state, item.version + 1
        if may_accept:
            item.done_at, item.done_by_id = now, by.id
    action = audit.ITEM_COMPLETED if may_accept else audit.ITEM_SUBMITTED
    return _keep(todo, by, action, ["state", "done_at", "done_by_id"], {})


@transaction.atomic
def assign_many(ids: Iterable[Any], user: Any, *, by: Actor) -> list[Item]:
    """Give several items of one deployment to a person, or to nobody; those they have already stay as they are."""
    wanted = user.pk if user else None
    todo = [item for item in _locked(ids) if item.assignee_id != wanted]
    for item in todo:
        item.assignee, item.version = user, item.version + 1
    return _keep(todo, by, audit.ITEM_ASSIGNED, ["assignee"], {"assignee": str(wanted) if wanted else None})


@transaction.atomic
def block_many(ids: Iterable[Any], *, by: Actor, reason: str, waits_for: str = "") -> list[Item]:
    """Block several items of one deployment for the same reason: all of them, or none."""
    Item.needs_reason(reason, "Say what blocks the items: the blocker is reminded, not you.")
    todo = _locked(ids)
    for item in todo:
        item.check_move(Item.State.BLOCKED)
        item.state, item.note, item.blocked_by_role = Item.State.BLOCKED, reason, waits_for
        item.blocked_since, item.version = timezone.localdate(), item.version + 1
    fields = ["state", "note", "blocked_by_role", "blocked_since"]
    return _keep(todo, by, audit.ITEM_BLOCKED, fields, {"reason": reason, "role": waits_for})


def _locked(ids: Iterable[Any]) -> list[Item]:
    return list(Item.objects.filter(pk__in=list(ids)).select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _keep(items: list[Item], by: Actor, action: Action, fields: list[str], extra: dict[str, Any]) -> list[Item]:
    if not items:
        return []
    Item.objects.bulk_update(items, [*fields, "version"])
    record_many(
        action, by=by, subjects=[(item, {"number": item.number, "title": item.title, **extra}) for item in items]
    )
    for deployment_id in {item.deployment_id for item in items}:
        progressed(deployment_id, by)
    return items
