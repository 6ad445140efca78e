"""Take what a site does differently into the draft of a playbook."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from audit.actor import Actor
from onboarding.adaptations.frame import Kind
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.models import Item
from onboarding.playbooks.models import DraftItem, PlaybookDraft, PlaybookItem
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.plain import Plain


@transaction.atomic
def take(adaptation: Adaptation, draft: PlaybookDraft, *, by: Actor) -> None:
    """Write the change into the draft: the fields of a changed item, a new item, or an item less.

    An added item keeps its key, so that the next upgrade knows the site's own item as the playbook's. Raises
    DraftRefused where the draft has no such item, CannotMove for a change that is not offered.
    """
    adaptation = Adaptation.objects.select_related("item").get(pk=Adaptation.locked(adaptation.pk).pk)
    if adaptation.taken_into(draft, by=by):
        write_change(draft, adaptation.kind, adaptation.key, adaptation.fields, new_item(adaptation.item), by=by)


def write_change(
    draft: PlaybookDraft, kind: str, key: str, fields: Iterable[Mapping[str, Any]], item: Plain, *, by: Actor
) -> None:
    """Write one change into a draft; `item` is what an added one says. Raises DraftRefused where a changed item is missing."""
    row = DraftItem.objects.filter(draft=draft, key=key).first()
    if kind == Kind.DROPPED:
        draft.remove_item(key, by=by)
    elif kind == Kind.CHANGED:
        if row is None:
            raise DraftRefused(f"The draft has no item {key}.")
        draft.write_item({**row.data, **{one["field"]: one["after"] for one in fields}}, key=key, by=by)
    elif row is None:
        draft.write_item({**item, "number": _free_number(draft)}, by=by)


def new_item(item: Item) -> Plain:
    """Return what a site's own item says, as an item of a playbook without its number."""
    return {
        "stage": item.stage,
        "key": item.key,
        "title": item.title,
        "owner": item.owner,
        "effort_hours": 1,
        "evidence": [],
        "offset_days": item.offset_days,
        "gate_class": item.gate_class,
        "gate": item.gate,
        "guidance": item.guidance or item.title,
    }


def _free_number(draft: PlaybookDraft) -> int:
    taken = list(DraftItem.objects.filter(draft=draft).values_list("number", flat=True))
    if draft.base_id:
        taken += PlaybookItem.objects.filter(version_id=draft.base_id).values_list("number", flat=True)
    return max(taken, default=0) + 1
