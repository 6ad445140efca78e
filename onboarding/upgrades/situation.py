"""Read what an upgrade compares: each deployment's checklist, and what both playbook versions want at its site."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from facts.criteria import evaluate
from onboarding.deployments.conditions import Circumstances
from onboarding.deployments.models import (
    Comment,
    Deployment,
    Evidence,
    Item,
    ItemDependency,
    Program,
    TeamRole,
)
from onboarding.deployments.models.calendar import working_calendars
from onboarding.playbooks.models import PlaybookItem, PlaybookVersion
from onboarding.upgrades.dates import carried, version_dates
from onboarding.upgrades.merge import Change, Merge, Standing, Wanted, apply, fingerprint, merge
from tenancy.models import Organization
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar

COPIED = (
    "number",
    "stage",
    "title",
    "owner",
    "also",
    "gate_class",
    "gate",
    "completed_by_gate",
    "domain",
    "offset_days",
)
"""The fields that an item copies from its playbook item under the same name."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One deployment before an upgrade."""

    deployment: Deployment
    ours: dict[str, Standing]
    base: dict[str, Wanted]
    theirs: dict[str, Wanted]
    rows: dict[str, Item]
    roles: dict[str, TeamRole]
    calendar: WorkingCalendar

    def merge(self) -> Merge:
        """Compare the three."""
        return merge(self.base, self.ours, self.theirs)

    def settled(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """Return the changes with the dates that follow from them: nothing is due before what it waits for."""
        after = apply(self.ours, changes)
        return (*changes, *carried(self.ours, after, self.calendar))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the checklist, its team roles and the version in force."""
        return fingerprint(self.ours, version=str(self.deployment.playbook_version_id), roles=sorted(self.roles))


def situations(deployments: Collection[Deployment], to: PlaybookVersion | None = None) -> list[Situation]:
    """Return the situation of each deployment before it moves to the version (None: it stays), in a fixed number of reads.

    Expects `site`, `tool_version` and `playbook_version` to be there, as `for_page` loads them.
    """
    ids = [one.pk for one in deployments]
    versions = {one.playbook_version_id for one in deployments} | ({to.pk} if to else set())
    by_version: dict[UUID, list[PlaybookItem]] = defaultdict(list)
    for row in PlaybookItem.objects.filter(version_id__in=versions).order_by("number"):
        by_version[row.version_id].append(row)
    rows: dict[UUID, list[Item]] = defaultdict(list)
    for item in Item.objects.filter(deployment_id__in=ids).select_related("playbook_item"):
        rows[item.deployment_id].append(item)
    waits: dict[UUID, list[ItemDependency]] = defaultdict(list)
    for edge in ItemDependency.objects.filter(deployment_id__in=ids):
        waits[edge.item_id].append(edge)
    roles: dict[UUID, dict[str, TeamRole]] = defaultdict(dict)
    for role in TeamRole.objects.filter(deployment_id__in=ids):
        roles[role.deployment_id][role.code] = role
    handled = _handled(ids)
    calendars = working_calendars(one.site for one in deployments)
    organization = Organization.objects.get(pk=current().organization_id)
    found = []
    for one in deployments:
        calendar = calendars[one.site_id]
        here = Circumstances(organization, one.site, one.tool_version)
        ours = _standing(rows[one.pk], waits, handled)
        base = _wanted(one, by_version[one.playbook_version_id], calendar, here, ours)
        theirs = _wanted(one, by_version[to.pk], calendar, here, ours) if to else {}
        _follow_the_plan(ours, base, theirs)
        plan = {*ours, *(key for key in theirs if key not in base)}
        found.append(
            Situation(
                one,
                ours,
                {key: _within(wanted, set(ours)) for key, wanted in base.items()},
                {key: _within(wanted, plan) for key, wanted in theirs.items()},
                {item.key: item for item in rows[one.pk]},
                roles[one.pk],
                calendar,
            )
        )
    return found


def _wanted(
    deployment: Deployment,
    items: list[PlaybookItem],
    calendar: WorkingCalendar,
    here: Circumstances,
    ours: Mapping[str, Standing],
) -> dict[str, Wanted]:
    """What a version wants at the site: the items of its tier, and those that stand on the checklist whatever the tier."""
    light, now = deployment.tier == Program.Tier.LIGHT, timezone.now()
    here_to_be = [
        item for item in items if item.key in ours or (item.anchor == "go-live" and (item.light or not light))
    ]
    outcomes = {item.key: evaluate(item.condition, here, now) for item in here_to_be if item.condition}
    notes = {key: found.says[:500] for key, found in outcomes.items() if found.holds is False}
    dates = version_dates(deployment, calendar, here_to_be, ours, notes)
    return {
        item.key: Wanted(_fields_of(item, dates[item.key].isoformat()), item.key not in notes, notes.get(item.key, ""))
        for item in here_to_be
    }


def _follow_the_plan(ours: Mapping[str, Standing], base: dict[str, Wanted], theirs: dict[str, Wanted]) -> None:
    """A date that nobody set by hand is nobody's adaptation, wherever dependencies have carried it.

    It moves only where the two versions give different days.
    """
    for key, standing in ours.items():
        before, after = base.get(key), theirs.get(key)
        if before is None or standing.fields["due_fixed"]:
            continue
        same = after is None or after.fields["due"] == before.fields["due"]
        base[key] = _due_on(before, standing.fields["due"])
        if after is not None and same:
            theirs[key] = _due_on(after, standing.fields["due"])


def _due_on(wanted: Wanted, due: str) -> Wanted:
    return Wanted({**wanted.fields, "due": due}, wanted.needed, wanted.note)


def _fields_of(item: PlaybookItem, due: str) -> dict[str, Any]:
    return {
        **{name: getattr(item, name) for name in COPIED},
        "origin": str(item.pk),
        "guidance": item.guidance,
        "evidence": item.evidence,
        "depends_on": sorted(item.depends_on, key=lambda one: str(one["item"])),
        "due": due,
        "due_fixed": False,
    }


def _within(wanted: Wanted, plan: Collection[str]) -> Wanted:
    """Leave out dependencies on items that are not in the plan: those hold anyway."""
    waits_for = [one for one in wanted.fields["depends_on"] if one["item"] in plan]
    return Wanted({**wanted.fields, "depends_on": waits_for}, wanted.needed, wanted.note)


def _standing(
    rows: Iterable[Item], waits: Mapping[UUID, list[ItemDependency]], handled: Collection[UUID]
) -> dict[str, Standing]:
    rows = list(rows)
    keys = {row.pk: row.key for row in rows}
    found = {}
    for row in rows:
        origin = row.playbook_item
        edges = ({"item": keys[edge.predecessor_id], "lag_days": edge.lag_days} for edge in waits.get(row.pk, ()))
        found[row.key] = Standing(
            fields={
                **{name: getattr(row, name) for name in COPIED},
                "origin": str(row.playbook_item_id) if row.playbook_item_id else None,
                "guidance": row.guidance,
                "evidence": row.evidence_wanted,
                "depends_on": sorted(edges, key=lambda one: str(one["item"])),
                "due": row.due_on.isoformat(),
                "due_fixed": row.due_fixed,
            },
            state=row.state,
            left_out=row.left_out_by_plan,
            retired_from=row.retired_from,
            note=row.note,
            worked_on=row.pk in handled or row.started_at is not None or row.state in ("in_review", "blocked"),
            copied_from=_fields_of(origin, row.due_on.isoformat()) if origin else None,
            record={
                "done_at": row.done_at.isoformat() if row.done_at else None,
                "done_by": str(row.done_by_id) if row.done_by_id else None,
                "assignee": str(row.assignee_id) if row.assignee_id else None,
                "waived_until": row.waived_until.isoformat() if row.waived_until else None,
                "blocked_by": row.blocked_by_role or None,
            },
        )
    return found


def _handled(ids: Collection[UUID]) -> set[UUID]:
    """The items that carry evidence or a remark."""
    papers = Evidence.objects.filter(deployment_id__in=ids).values_list("item_id", flat=True)
    remarks = Comment.objects.filter(deployment_id__in=ids).values_list("item_id", flat=True)
    return {*papers, *remarks}
