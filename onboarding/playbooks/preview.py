"""When each item would be due, for a go-live and a kick-off date to try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from onboarding.playbooks.plain import Plain
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from tenancy.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item with its due date; None where a draft does not say it yet, or says it in a circle."""

    item: Plain
    due: date | None


def planned(plain: Plain, *, go_live: date, kick_off: date, calendar: WorkingCalendar) -> list[PlannedItem]:
    """Return the items by due date, those without one last. Works on unfinished drafts."""
    items = {one["key"]: one for one in plain.get("items") or []}
    starts = {GO_LIVE: go_live, KICK_OFF: kick_off}
    found = [PlannedItem(one, _due(one, items, starts, calendar)) for one in items.values()]
    return sorted(found, key=lambda one: (one.due is None, one.due or date.max, one.item["number"]))


def _due(item: Plain, items: Mapping[str, Plain], starts: Mapping[str, date], calendar: WorkingCalendar) -> date | None:
    if item.get("anchor", "go-live") != "go-live":
        return None
    days, at = 0, item
    passed: set[str] = set()
    while True:
        step: Any = at.get("until_days") if at.get("until_days") is not None else at.get("offset_days")
        source = at.get("offset_from", GO_LIVE)
        if not isinstance(step, int) or at["key"] in passed:
            return None
        days, passed = days + step, passed | {at["key"]}
        if source in starts:
            return calendar.on_or_before(starts[source] + timedelta(days=days))
        if source not in items:
            return None
        at = items[source]
