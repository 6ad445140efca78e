"""Make a playbook from a deployment that has proved itself: its own wording, owners, items and days."""

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.models import Deployment, Item, ItemDependency
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.plain import ITEM, Plain


class NotProven(Exception):
    """The deployment cannot be learned from yet; the message says what would change that."""


@transaction.atomic
def draft_from(deployment: Deployment, *, title: str, key: str, by: Actor, as_it_went: bool = False) -> PlaybookDraft:
    """Start a draft from what a live deployment did. Raises NotProven before it is live.

    What the site changed is as at the site, what it left out by hand is left out, what it added is there with the next
    numbers; items that a condition left out stay, for other sites. `as_it_went`: an item's day is that on which it was
    really finished, counted from the real go-live.
    """
    if deployment.state != Deployment.State.LIVE or deployment.went_live_at is None:
        raise NotProven("Only a deployment that is live has proved itself: come back after go-live.")
    base = deployment.playbook_version
    plain = base.plain()
    rows = {row.key: row for row in Item.objects.filter(deployment=deployment).select_related("playbook_item")}
    number = max(item["number"] for item in plain["items"])
    items, went_live = [], timezone.localtime(deployment.went_live_at).date()
    for item in plain["items"]:
        row = rows.pop(item["key"], None)
        if row is None or row.left_out_by_plan:
            items.append(item)
        elif row.state not in (Item.State.NOT_APPLICABLE, Item.State.RETIRED):
            learned = item | {
                "title": row.title,
                "owner": row.owner,
                "gate_class": row.gate_class,
                "guidance": row.guidance,
            }
            if as_it_went and row.done_at and "until_days" not in item and item.get("anchor", "go-live") == "go-live":
                learned["offset_days"] = (timezone.localtime(row.done_at).date() - went_live).days
                learned.pop("offset_from", None)
            items.append({name: learned[name] for name in ITEM if name in learned})
    for row in sorted(rows.values(), key=lambda one: one.number):
        if row.state not in (Item.State.NOT_APPLICABLE, Item.State.RETIRED):
            number += 1
            items.append(_own(row, number))
    kept = {item["key"] for item in items}
    for item in items:
        _wait_within(item, kept)
    whole: Plain = {**plain, "key": key, "title": title, "version": "1.0", "items": items}
    return PlaybookDraft.begin(whole, by=by, made_from=f"{deployment} on {base}", base=base)


def _own(row: Item, number: int) -> Plain:
    waits = ItemDependency.objects.filter(item=row).select_related("predecessor").order_by("predecessor__number")
    plain: Plain = {
        "stage": row.stage, "number": number, "key": row.key, "title": row.title, "owner": row.owner, "effort_hours": 1,
        "evidence": row.evidence_wanted,
        "depends_on": [
            {"item": one.predecessor.key, "lag_days": one.lag_days} if one.lag_days else one.predecessor.key for one in waits
        ],
        "offset_days": row.offset_days, "gate_class": row.gate_class, "gate": row.gate,
        "guidance": row.guidance or row.title,
    }  # fmt: skip
    return plain


def _wait_within(item: Plain, kept: set[str]) -> None:
    """Wait for nothing that was left out."""
    waits = [one for one in item.get("depends_on", []) if (one if isinstance(one, str) else one["item"]) in kept]
    if waits:
        item["depends_on"] = waits
    else:
        item.pop("depends_on", None)
