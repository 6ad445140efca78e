"""What the ledger says of one upgrade: at each site, what changed and what was decided."""

from typing import Any

from onboarding.deployments.models import Item
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.merge import RETIRED, THEIRS
from onboarding.upgrades.models import DeploymentUpgrade
from onboarding.upgrades.web.words import FIELDS, SILENT, value_words


def sites_of(entries: list[DeploymentUpgrade], to: PlaybookVersion) -> list[dict[str, Any]]:
    """Return each site with its changes by item and its decisions; one read for the items of all of them."""
    roles = {role["code"]: role["title"] for role in to.roles}
    ids = [entry.deployment_id for entry in entries]
    titles: dict[Any, dict[str, str]] = {}
    for deployment, key, number, title in Item.objects.filter(deployment_id__in=ids).values_list(
        "deployment_id", "key", "number", "title"
    ):
        titles.setdefault(deployment, {})[key] = f"#{number} {title}"
    return [_site(entry, roles, titles.get(entry.deployment_id, {})) for entry in entries]


def _site(entry: DeploymentUpgrade, roles: dict[str, str], titles: dict[str, str]) -> dict[str, Any]:
    items: dict[str, list[str]] = {}
    for change in entry.changes:
        lines = items.setdefault(change["key"], [])
        if change["added"]:
            lines.append(
                "Added" if change["added"]["state"] == "todo" else f"Added, not needed here: {change['added']['note']}"
            )
        elif change["field"] == "state" and change["after"] == RETIRED:
            was = value_words("state", change["before"], roles, titles).lower()
            lines.append(f"Retired, was {was}: evidence and remarks stay")
        elif change["field"] not in SILENT and not (change["field"] == "note" and not change["after"]):
            before, after = (value_words(change["field"], change[side], roles, titles) for side in ("before", "after"))
            lines.append(f"{FIELDS[change['field']]}: {before} → {after}")
    return {
        "entry": entry,
        "items": [
            {"title": titles.get(key) or _added_title(entry, key), "lines": lines}
            for key, lines in items.items()
            if lines
        ],
        "decisions": [
            {
                "title": titles.get(one["key"], one["key"]),
                "field": FIELDS[one["field"]],
                "ours": value_words(one["field"], one["ours"], roles, titles),
                "theirs": value_words(one["field"], one["theirs"], roles, titles),
                "took": "The playbook's" if one["decision"] == THEIRS else "Our own",
            }
            for one in entry.decisions
        ],
    }


def _added_title(entry: DeploymentUpgrade, key: str) -> str:
    """An item that went again with the undo is known from the record alone."""
    for change in entry.changes:
        if change["key"] == key and change["added"]:
            fields = change["added"]["fields"]
            return f"#{fields['number']} {fields['title']}"
    return key
