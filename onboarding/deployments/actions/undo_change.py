"""Take a bulk change back: every row that is still as the change left it becomes what it was before."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record_many
from onboarding.deployments import audit
from onboarding.deployments.actions.edit_items import write
from onboarding.deployments.models import Change, Item
from onboarding.deployments.models.progress import progressed


class ChangedSince(Exception):
    """Some rows are no longer as the change left them; `labels` names them."""

    def __init__(self, labels: list[str]) -> None:
        self.labels = labels
        super().__init__(f"Changed since: {', '.join(labels[:5])}{' …' if len(labels) > 5 else ''}.")


Undo = Callable[[Change, Actor], list[str]]
"""Takes back what still can be; returns the labels of the rows that changed since."""


@transaction.atomic
def undo_change(change: Change, *, by: Actor, partly: bool = False) -> list[str]:
    """Undo a change once; return the labels of rows left as they are.

    Raises ChangedSince where some rows were changed since, unless `partly`: then those stay and the rest goes back.
    """
    change = Change.locked(change.pk)
    if change.undone_at is not None:
        return []
    left = UNDO[change.kind](change, by)
    if left and not partly:
        raise ChangedSince(left)  # takes the transaction back
    change.close(by=by, left=len(left))
    return left


def undo_items(change: Change, by: Actor) -> list[str]:
    """Give the items back what they were."""
    rows = {row["id"]: row for row in change.rows}
    items = Item.objects.filter(pk__in=list(rows)).select_for_update(no_key=True, of=("self",)).order_by("pk")
    back, left = [], []
    for item in items:
        row = rows[str(item.pk)]
        if as_left(item, row["after"]):
            restore(item, row["before"])
            item.version += 1
            back.append(item)
        else:
            left.append(row["label"])
    if back:
        names = sorted({name for row in change.rows for name in row["before"]})
        Item.objects.bulk_update(back, [*names, "version"])
        subjects = [
            (item, {"number": item.number, "title": item.title, "change": str(change.pk), "state": item.state})
            for item in back
        ]
        record_many(audit.ITEM_RESTORED, by=by, subjects=subjects)
        for deployment_id in {item.deployment_id for item in back}:
            progressed(deployment_id, by)
    return left


def as_left(row: Any, after: dict[str, Any]) -> bool:
    """Whether a row still has the values that a change gave it."""
    return bool(write({name: getattr(row, name) for name in after}) == after)


def restore(row: Any, before: dict[str, Any]) -> None:
    """Set the values that a row had before, without saving."""
    fields = {field.attname: field for field in row._meta.concrete_fields}
    for name, value in before.items():
        setattr(row, name, fields[name].to_python(value))


UNDO: dict[str, Undo] = {Change.Kind.ITEMS: undo_items}
"""How each kind is undone; other kinds add themselves."""
