"""How an upgrade's fields and values are said on a page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from onboarding.deployments.models import Item
from onboarding.upgrades.merge import ITEM
from web.formats import day

FIELDS = {
    ITEM: "The item itself",
    "number": "Number",
    "stage": "Stage",
    "title": "Title",
    "guidance": "Guidance",
    "owner": "Owner role",
    "also": "Further roles",
    "gate_class": "What it does to its gate",
    "gate": "Gate",
    "completed_by_gate": "Completed by its gate",
    "domain": "Scorecard domain",
    "offset_days": "Days from its start",
    "evidence": "Evidence wanted",
    "depends_on": "Waits for",
    "due": "Due",
    "state": "State",
    "left_out": "Left out by the playbook",
    "retired_from": "State before",
    "note": "Note",
}
SILENT = ("origin", "due_fixed", "left_out", "retired_from")
"""Changed along with something that is told."""
LONGEST = 160


def value_words(field: str, value: Any, roles: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Say a value: role codes by their title, items by number and title, dates as days."""
    if value is None or value in ("", []):
        return "Nothing"
    if field == "due":
        return day(date.fromisoformat(value))
    if field == "owner":
        return str(roles.get(value, value))
    if field == "also":
        return ", ".join(roles.get(code, code) for code in value)
    if field == "depends_on":
        return ", ".join(_waits(one, titles) for one in value)
    if field == "evidence":
        return ", ".join(one["title"] + ("" if one["required"] else " (optional)") for one in value)
    if field == "state":
        return str(Item.State(value).label)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    text = str(value).replace("_", " ") if field == "gate_class" else str(value)
    text = text[:1].upper() + text[1:]
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _waits(one: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    lag = f" and {one['lag_days']} working days" if one["lag_days"] else ""
    return str(titles.get(one["item"], one["item"]) + lag)
