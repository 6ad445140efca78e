"""Carry a tracker over onto the checklist: one transaction, one entry in the ledger, one undo."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from audit.actor import Actor
from audit.models.event import record, record_many
from onboarding.deployments import audit as deployments_audit
from onboarding.deployments.actions.add_items import add_items
from onboarding.deployments.actions.edit_items import write
from onboarding.deployments.models import Change, Deployment, Item, TeamRole
from onboarding.deployments.models.progress import progressed
from onboarding.trackers import audit
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import LOCAL, TrackerRefused
from onboarding.trackers.planning import LONGEST_TITLE, Plan, Row, plan

FALLBACK_ROLE = "IM"


def digest(found: Plan) -> str:
    """Return a mark of what a preview showed; another preview has another one."""
    said = [
        [
            row.number,
            row.kind,
            str(row.item.pk) if row.item else "",
            write(row.after),
            row.item.version if row.item else 0,
        ]
        for row in found.rows
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


@transaction.atomic
def apply(tracker: TrackerImport, *, by: Actor, may_accept: bool, expected: str) -> TrackerImport:
    """Do what the preview with this digest showed; raise TrackerRefused where anything has changed since, or twice."""
    tracker = TrackerImport.locked(tracker.pk)
    if tracker.report:
        raise TrackerRefused("This tracker is imported already.")
    Deployment.locked(tracker.deployment_id)
    items = list(Item.objects.of_deployment(tracker.deployment_id).select_for_update(no_key=True, of=("self",)))
    found = plan(tracker, items, may_accept=may_accept)
    if digest(found) != expected:
        raise TrackerRefused("The checklist has changed since this preview: look at it again, and import then.")
    rows = _change(found.of("change"), by)
    local = _add(tracker, found.of(LOCAL), by)
    rows += [
        {"id": str(item.pk), "label": str(item), "before": {"state": "retired"}, "after": {"state": item.state}}
        for item in local
    ]
    tracker.report = {
        "counts": {**found.counts, "added": len(local)},
        "remarks": [[row.number, row.title[:200], *row.remarks] for row in found.rows if row.remarks],
    }
    if rows:
        title = f"{tracker.file_name[:120]} imported: {len(found.of('change'))} changed, {len(local)} added"
        tracker.change = Change.keep(Change.Kind.TRACKER, title, rows, by=by, deployment_id=tracker.deployment_id)
    tracker.save(update_fields=["report", "change"])
    record(
        audit.TRACKER_IMPORTED,
        by=by,
        subject=tracker,
        deployment_id=tracker.deployment_id,
        changed=len(found.of("change")),
        added=len(local),
    )
    return tracker


def _change(changing: list[Row], by: Actor) -> list[dict[str, Any]]:
    rows, items = [], []
    for row in changing:
        item = row.item
        assert item is not None
        if row.after.get("state") == Item.State.ACCEPTED:
            row.after["done_by_id"] = by.id
        before = write({name: getattr(item, name) for name in row.after})
        rows.append({"id": str(item.pk), "label": str(item), "before": before, "after": write(row.after)})
        for name, value in row.after.items():
            setattr(item, name, value)
        item.version += 1
        items.append(item)
    if not items:
        return []
    names = sorted({name for row in changing for name in row.after})
    Item.objects.bulk_update(items, [*names, "version"])
    record_many(
        deployments_audit.ITEM_TAKEN_OVER,
        by=by,
        subjects=[
            (item, {"number": item.number, "title": item.title, "state": item.get_state_display().lower()})
            for item in items
        ],
    )
    progressed(items[0].deployment_id, by)
    return rows


def _add(tracker: TrackerImport, local: list[Row], by: Actor) -> list[Item]:
    deployment = Deployment.objects.select_related("playbook_version").get(pk=tracker.deployment_id)
    codes = list(TeamRole.objects.filter(deployment=deployment).order_by("code").values_list("code", flat=True))
    owner = FALLBACK_ROLE if FALLBACK_ROLE in codes else codes[0]
    stages = [stage["number"] for stage in deployment.playbook_version.stages]
    stage = deployment.stage if deployment.stage in stages else stages[0]
    items = [_local(row, deployment, owner, stage, by) for row in local]
    for item in items:
        item.key = f"{item.key}-{tracker.pk.hex[-8:]}"  # the same row of a later upload is another item
    return add_items(tracker.deployment_id, items, by=by)


def _local(row: Row, deployment: Deployment, owner: str, stage: int, by: Actor) -> Item:
    due = row.after.get("due_on") or deployment.go_live_on
    after = {name: value for name, value in row.after.items() if name != "due_on"}
    if after.get("state") == Item.State.ACCEPTED:
        after["done_by_id"] = by.id
    after.setdefault("note", row.says.get("note", "")[:500])
    return Item(
        key=f"local-{slugify(row.title)[:50]}-{row.number}",
        stage=stage,
        title=row.title[:LONGEST_TITLE],
        owner=owner,
        gate_class="informs",
        due_on=due,
        baseline_due_on=due,
        offset_days=(due - deployment.go_live_on).days,
        **after,
    )
