"""Plan a deployment backwards from its go-live date."""

import json
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from facts.criteria import evaluate
from onboarding.deployments import audit
from onboarding.deployments.conditions import Circumstances
from onboarding.deployments.models import Deployment, Program, TeamRole
from onboarding.deployments.models.calendar import working_calendar
from onboarding.playbooks.models import PlaybookItem
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from onboarding.scheduling.plan import Dates, plan
from onboarding.scheduling.tasks import Anchor, Link, Network, Task
from tenancy.models import Site
from tenancy.scope import current, joined


class CannotPlan(ValueError):
    """A deployment cannot be planned; the message names what is wrong."""


@transaction.atomic
def plan_deployment(
    program: Program, site: Site, *, go_live_on: date, by: Actor, wave: int | None = None
) -> Deployment:
    """Create the deployment with its items, dependencies and team; the same site again returns what stands.

    Due dates count the item's offset in calendar days from go-live, kick-off or another item, moved back to the last
    working day of the site, and never before the day of planning or what the item waits for (`scheduling.plan`).
    An item whose condition does not hold is there, marked as not needed with the reason; where a condition's fact is
    unknown the item stays: nothing is left out by ignorance. Decommissioning items appear when it starts.

    Raises CannotPlan for a closed site.
    """
    if site.closed_on:
        raise CannotPlan(f"{site.name} closed on {site.closed_on:%-d %b %Y}.")
    standing = Deployment.objects.running().filter(program=program, site=site).first()
    if standing:
        return standing
    deployment = Deployment(
        program=program,
        wave=program.wave(wave) if wave else None,
        site=site,
        tool_version=program.tool_version,
        playbook_version=program.playbook_version,
        tier=program.tier,
        go_live_on=go_live_on,
        baseline_go_live_on=go_live_on,
    )
    with joined(deployment.pk):
        deployment.save(force_insert=True)
        planned = _planned_items(deployment)
        with connection.cursor() as cursor:
            names = {
                "organization": current().organization_id,
                "deployment": deployment.pk,
                "version": program.playbook_version_id,
            }
            cursor.execute(_ITEMS_AND_DEPENDENCIES, {**names, "planned": json.dumps(planned)})
        TeamRole.objects.bulk_create(
            TeamRole(
                deployment=deployment,
                code=role["code"],
                title=role["title"],
                side=role["side"],
                vacant_since=timezone.localdate(),
            )
            for role in program.playbook_version.roles
        )
        deployment.roll_up()
        record(
            audit.DEPLOYMENT_PLANNED,
            by=by,
            subject=deployment,
            go_live_on=go_live_on.isoformat(),
            items=len(planned),
            # For those who know a deployment by its events only (config/reactions.py).
            site=str(site.pk),
            tool=program.tool_version.tool.title,
            tool_version=program.tool_version.version,
        )
    return deployment


def _planned_items(deployment: Deployment) -> list[dict[str, Any]]:
    organization = deployment.program.organization
    circumstances = Circumstances(organization, deployment.site, deployment.tool_version)
    items = PlaybookItem.objects.filter(version_id=deployment.playbook_version_id, anchor="go-live")
    if deployment.tier == Program.Tier.LIGHT:
        items = items.filter(light=True)
    now = timezone.now()
    planned, left_out = [], set()
    rows = list(items.values_list("id", "key", "condition"))
    for item_id, key, condition in rows:
        outcome = evaluate(condition, circumstances, now) if condition else None
        needed = outcome is None or outcome.holds is not False
        note = "" if needed or outcome is None else outcome.says[:500]
        if not needed:
            left_out.add(key)
        planned.append({"id": str(item_id), "state": "todo" if needed else "not_applicable", "note": note})
    dates = _dates(deployment, items, left_out)
    return [{**one, "due": dates[key].isoformat()} for one, (_, key, _) in zip(planned, rows, strict=True)]


def _dates(deployment: Deployment, items: Any, left_out: set[str]) -> Dates:
    """Return the due date of each item by its key; what is not needed here holds nothing up."""
    columns = ("key", "offset_days", "until_days", "offset_from", "depends_on")
    anchors = {GO_LIVE: Anchor.GO_LIVE, KICK_OFF: Anchor.KICK_OFF}
    network = Network(
        Task(
            key=key,
            offset=offset if until is None else until,
            anchor=anchors.get(offset_from, offset_from),
            after=tuple(Link(one["item"], one["lag_days"]) for one in depends_on if one["item"] not in left_out),
        )
        for key, offset, until, offset_from, depends_on in items.values_list(*columns)
    )
    return plan(
        network,
        working_calendar(deployment.site),
        go_live=deployment.go_live_on,
        kick_off=deployment.kick_off_on,
        planned_on=deployment.planned_on,
    )


_ITEMS_AND_DEPENDENCIES = """
with planned as (
  insert into deployments_item (
    id, organization_id, deployment_id, playbook_item_id, number, key, stage, title, owner, also, gate_class, gate,
    completed_by_gate, domain, evidence_wanted, state, left_out_by_plan, due_on, due_fixed, baseline_due_on, offset_days,
    note, blocked_by_role, version
  )
  select uuid7(), p.organization_id, %(deployment)s, p.id, p.number, p.key, p.stage, p.title, p.owner, p.also, p.gate_class,
         p.gate, p.completed_by_gate, p.domain, p.evidence, n.state, n.state = 'not_applicable', n.due, false, n.due,
         p.offset_days, n.note, '', 1
    from playbooks_playbookitem p
    join jsonb_to_recordset(%(planned)s::jsonb) as n (id uuid, due date, state text, note text) on n.id = p.id
   where p.organization_id = %(organization)s and p.version_id = %(version)s
  returning id, organization_id, deployment_id, playbook_item_id, key
)
insert into deployments_itemdependency (id, organization_id, deployment_id, item_id, predecessor_id, lag_days)
select uuid7(), i.organization_id, i.deployment_id, i.id, before.id, d.lag_days
  from planned i
  join playbooks_playbookitem p on p.organization_id = i.organization_id and p.id = i.playbook_item_id
 cross join jsonb_to_recordset(p.depends_on) as d (item text, lag_days int)
  join planned before on before.key = d.item
"""
