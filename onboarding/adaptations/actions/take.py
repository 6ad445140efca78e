"""Take what a site does differently into the draft of a playbook."""

from django.db import transaction

from audit.actor import Actor
from onboarding.adaptations.models import Adaptation
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
    adaptation.taken_into(draft, by=by)
    row = DraftItem.objects.filter(draft=draft, key=adaptation.key).first()
    if adaptation.kind == Adaptation.Kind.DROPPED:
        draft.remove_item(adaptation.key, by=by)
    elif adaptation.kind == Adaptation.Kind.CHANGED:
        if row is None:
            raise DraftRefused(f"The draft has no item {adaptation.key}.")
        changes = {one["field"]: one["after"] for one in adaptation.fields}
        draft.write_item({**row.data, **changes}, key=adaptation.key, by=by)
    elif row is None:
        draft.write_item(_new_item(adaptation, draft), by=by)


def _new_item(adaptation: Adaptation, draft: PlaybookDraft) -> Plain:
    item = adaptation.item
    taken = list(DraftItem.objects.filter(draft=draft).values_list("number", flat=True))
    if draft.base_id:
        taken += PlaybookItem.objects.filter(version_id=draft.base_id).values_list("number", flat=True)
    return {
        "stage": item.stage,
        "number": max(taken, default=0) + 1,
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
