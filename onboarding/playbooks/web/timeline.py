"""The timeline of a playbook's preview: its items by stage, from kick-off to the last review, for dates to try."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from onboarding.playbooks.preview import PlannedItem
from web.formats import day, plural
from web.gantt import PLANNED, RISK, Bar, Diamond, Line, Tie


def lines(
    items: Iterable[PlannedItem],
    stages: Mapping[int, str],
    addresses: Mapping[str, str],
    *,
    kick_off: date,
    go_live: date,
) -> list[Line]:
    """Return kick-off and go-live, then each stage with its dated items; `addresses` leads to an item by its key."""
    found = [
        Line("Kick-off", end=day(kick_off), diamonds=[Diamond(kick_off)]),
        Line("Go-live", end=day(go_live), diamonds=[Diamond(go_live)]),
    ]
    by_stage: dict[int, list[Line]] = {}
    for one in items:
        if one.start and one.due:
            by_stage.setdefault(one.item["stage"], []).append(_line(one, one.start, one.due, addresses))
    for number in sorted(by_stage):
        ones = by_stage[number]
        found.append(Line(f"{number} {stages.get(number, '')}".strip(), group=True, count=plural(len(ones), "item")))
        found += ones
    return found


def ties(items: Iterable[PlannedItem], *, every: bool) -> list[Tie]:
    """Return what waits for what: all, or where no slack is left; what cannot be in time stands out."""
    return [
        Tie(wait.key, one.item["key"], critical=wait in one.too_early, ends=wait in one.too_early)
        for one in items
        if one.due
        for wait in (one.waits if every else one.tight)
    ]


def late_words(one: PlannedItem, titles: Mapping[str, str]) -> str:
    """Say what an item is due before; empty where it can be in time."""
    return ", ".join(f"Due before {titles.get(wait.key, wait.key)} can hold" for wait in one.too_early)


def _line(one: PlannedItem, start: date, due: date, addresses: Mapping[str, str]) -> Line:
    item: dict[str, Any] = one.item
    key = item["key"]
    line = Line(
        f"#{item['number']} {item.get('title') or key}",
        addresses.get(key, ""),
        id=key,
        end=day(due),
        late=bool(one.too_early),
        due=due,
    )
    if item.get("completed_by") == "gate":
        line.diamonds = [Diamond(due, "bad" if one.too_early else "")]
    else:
        after = "Too early" if one.too_early else ""
        kind = RISK if one.too_early else PLANNED
        line.bars = [Bar(kind, start, due, hatched=bool(item.get("condition")), after=after)]
    return line
