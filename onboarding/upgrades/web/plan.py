"""What the upgrade page shows: counts by site, and each conflict once with the sites that have it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import QueryDict

from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.actions.upgrade import DryRun
from onboarding.upgrades.merge import ITEM, OURS, THEIRS
from onboarding.upgrades.web.words import FIELDS, value_words

COUNTED = ("changed", "added", "retired", "conflicts")


def decisions_of(data: QueryDict, runs: list[DryRun]) -> dict[UUID, dict[tuple[str, str], str]]:
    """Read what was decided on each conflict: for all sites at once, or site by site; what is not said stays open."""
    found: dict[UUID, dict[tuple[str, str], str]] = {}
    for run in runs:
        decided = {}
        for conflict in run.merge.conflicts:
            everywhere = data.get(f"all:{conflict.key}:{conflict.field}", "")
            choice = everywhere or data.get(field_name(run.deployment.pk, conflict.name), "")
            if choice in (OURS, THEIRS):
                decided[conflict.name] = choice
        found[run.deployment.pk] = decided
    return found


def field_name(deployment: UUID, name: tuple[str, str]) -> str:
    """Return the name of the control that decides a conflict at one site."""
    return f"d:{deployment}:{name[0]}:{name[1]}"


def totals(runs: list[DryRun]) -> dict[str, int]:
    """Return the counts over all sites."""
    return {name: sum(run.counts[name] for run in runs) for name in COUNTED}


def conflicts(
    runs: list[DryRun], to: PlaybookVersion, decided: Mapping[UUID, Mapping[tuple[str, str], str]]
) -> list[Any]:
    """Return each conflict with its sites, in the order of the checklist."""
    roles = {role["code"]: role["title"] for role in to.roles}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for run in runs:
        titles = {key: f"#{row.number} {row.title}" for key, row in run.situation.rows.items()}
        for one in run.merge.conflicts:
            row = run.situation.rows[one.key]
            group = found.setdefault(
                one.name,
                {
                    "name": f"all:{one.key}:{one.field}",
                    "id": f"{one.key}-{one.field}",
                    "number": row.number,
                    "title": row.title,
                    "field": FIELDS[one.field],
                    "of_item": one.field == ITEM,
                    "before": value_words(one.field, one.base, roles, titles),
                    "theirs": value_words(one.field, one.theirs, roles, titles),
                    "sites": [],
                },
            )
            group["sites"].append(
                {
                    "site": run.deployment.site.name,
                    "name": field_name(run.deployment.pk, one.name),
                    "ours": value_words(one.field, one.ours, roles, titles),
                    "state": row.get_state_display(),
                    "choice": decided.get(run.deployment.pk, {}).get(one.name, OURS),
                }
            )
    return sorted(found.values(), key=lambda group: (group["number"], group["field"]))


def kept(runs: list[DryRun]) -> list[dict[str, Any]]:
    """Return the items that the newer version would leave out and that stay since somebody works on them."""
    return [
        {"site": run.deployment.site.name, "number": run.situation.rows[key].number,
         "title": run.situation.rows[key].title, "why": why}
        for run in runs
        for key, why in run.merge.kept
    ]  # fmt: skip
