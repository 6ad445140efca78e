"""Write checklists back: a fixed number of statements for any number of deployments."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import ProtectedError

from onboarding.deployments.models import Item, ItemDependency
from onboarding.playbooks.models import PlaybookItem
from onboarding.upgrades.merge import Standing
from onboarding.upgrades.situation import COPIED, Situation
from tenancy.scope import current


class Held(Exception):
    """An item that an upgrade brought cannot go again: something refers to it."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One deployment's checklist as it is to be."""

    situation: Situation
    after: dict[str, Standing]


def write(rewrites: Iterable[Rewrite]) -> None:
    """Bring the rows of these checklists in line; raises Held where a row that must go is referred to."""
    rewrites = list(rewrites)
    origins = {str(row.pk): row for row in _playbook_items(rewrites)}
    _remove([one.rows[key].pk for one, after in _pairs(rewrites) for key in one.ours if key not in after])
    changed, added = [], []
    for one, after in _pairs(rewrites):
        for key, standing in after.items():
            row = one.rows.get(key)
            if row is None:
                added.append(_new_row(one, key, standing, origins))
            elif standing != one.ours[key]:
                changed.append(_columns(row.pk, standing, origins))
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, {"rows": json.dumps(changed), "organization": current().organization_id})
    Item.objects.bulk_create(added)
    _write_dependencies(rewrites, added)


def _pairs(rewrites: list[Rewrite]) -> Iterable[tuple[Situation, dict[str, Standing]]]:
    return ((one.situation, one.after) for one in rewrites)


def _playbook_items(rewrites: list[Rewrite]) -> Iterable[PlaybookItem]:
    wanted = {standing.fields.get("origin") for _, after in _pairs(rewrites) for standing in after.values()}
    return PlaybookItem.objects.filter(pk__in=wanted - {None}).only("id", "guidance")


def _columns(pk: UUID, standing: Standing, origins: dict[str, PlaybookItem]) -> dict[str, Any]:
    fields = standing.fields
    origin = origins.get(fields.get("origin") or "")
    return {
        "id": str(pk),
        **{name: fields[name] for name in COPIED},
        "playbook_item_id": fields["origin"],
        "guidance_here": "" if origin and fields["guidance"] == origin.guidance else fields["guidance"],
        "evidence_wanted": fields["evidence"],
        "due_on": fields["due"],
        "due_fixed": fields["due_fixed"],
        "state": standing.state,
        "left_out_by_plan": standing.left_out,
        "retired_from": standing.retired_from,
        "note": standing.note,
    }


def _new_row(one: Situation, key: str, standing: Standing, origins: dict[str, PlaybookItem]) -> Item:
    row = Item(deployment_id=one.deployment.pk, key=key)
    for name, value in _columns(row.pk, standing, origins).items():
        setattr(row, name, value)
    row.due_on = row.baseline_due_on = date.fromisoformat(standing.fields["due"])
    return row


def _write_dependencies(rewrites: list[Rewrite], added: list[Item]) -> None:
    """Replace the dependencies of every item whose list changed."""
    new = {(row.deployment_id, row.key): row.pk for row in added}
    stale: list[UUID] = []
    edges = []
    for one, after in _pairs(rewrites):
        ids = {key: row.pk for key, row in one.rows.items()}
        ids |= {key: pk for (deployment, key), pk in new.items() if deployment == one.deployment.pk}
        for key, standing in after.items():
            before = one.ours.get(key)
            if before and before.fields["depends_on"] == standing.fields["depends_on"]:
                continue
            if before:
                stale.append(ids[key])
            edges += [
                ItemDependency(
                    deployment_id=one.deployment.pk,
                    item_id=ids[key],
                    predecessor_id=ids[wait["item"]],
                    lag_days=wait["lag_days"],
                )
                for wait in standing.fields["depends_on"]
                if wait["item"] in ids
            ]
    ItemDependency.objects.filter(item_id__in=stale).delete()
    ItemDependency.objects.bulk_create(edges)


def _remove(ids: list[UUID]) -> None:
    if not ids:
        return
    try:
        Item.objects.filter(pk__in=ids).delete()
    except ProtectedError as held:
        raise Held(f"{len(held.protected_objects)} records refer to items that would go.") from held


_UPDATE = """
update deployments_item i
   set number = n.number, stage = n.stage, title = n.title, owner = n.owner, also = n.also, gate_class = n.gate_class,
       gate = n.gate, completed_by_gate = n.completed_by_gate, domain = n.domain, offset_days = n.offset_days,
       playbook_item_id = n.playbook_item_id, guidance_here = n.guidance_here, evidence_wanted = n.evidence_wanted,
       due_on = n.due_on, due_fixed = n.due_fixed, state = n.state, left_out_by_plan = n.left_out_by_plan, retired_from = n.retired_from,
       note = n.note, version = i.version + 1
  from jsonb_to_recordset(%(rows)s::jsonb) as n (
       id uuid, number int, stage int, title text, owner text, also text[], gate_class text, gate text,
       completed_by_gate boolean, domain text, offset_days int, playbook_item_id uuid, guidance_here text,
       evidence_wanted jsonb, due_on date, due_fixed boolean, state text, left_out_by_plan boolean, retired_from text, note text)
 where i.organization_id = %(organization)s and i.id = n.id
"""
