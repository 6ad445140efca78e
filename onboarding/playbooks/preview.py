"""When each item would be due, for a go-live and a kick-off date to try. Works on unfinished drafts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from onboarding.playbooks.plain import Plain
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from onboarding.scheduling.effort import working_days
from tenancy.working_days import WorkingCalendar

FARTHEST = 4000
"""Days from where they count that are still drawn: what a file says may be nonsense."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What an item waits for, and the day from which that can hold with its lag."""

    key: str
    ready: date


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item with its first and last day; None where a draft does not say them yet, or says them in a circle."""

    item: Plain
    start: date | None = None
    due: date | None = None
    waits: tuple[Wait, ...] = ()

    @property
    def too_early(self) -> tuple[Wait, ...]:
        """What can only hold after the item is due."""
        return tuple(one for one in self.waits if self.due and one.ready > self.due)

    @property
    def tight(self) -> tuple[Wait, ...]:
        """What can only hold when the work should have begun: without slack."""
        return tuple(one for one in self.waits if self.start and one.ready >= self.start)


def planned(plain: Plain, *, go_live: date, kick_off: date, calendar: WorkingCalendar) -> list[PlannedItem]:
    """Return the items by due date, those without one last."""
    items = {one["key"]: one for one in plain.get("items") or []}
    starts = {GO_LIVE: go_live, KICK_OFF: kick_off}
    found = {key: _placed(one, items, starts, calendar) for key, one in items.items()}
    whole = [replace(one, waits=tuple(_waits(one.item, found, calendar))) for one in found.values()]
    return sorted(whole, key=lambda one: (one.due is None, one.due or date.max, one.item["number"]))


def _placed(
    item: Plain, items: Mapping[str, Plain], starts: Mapping[str, date], calendar: WorkingCalendar
) -> PlannedItem:
    counted = _from(item, items, starts) if item.get("anchor", "go-live") == "go-live" else None
    last = _last(item)
    if counted is None or last is None or abs(last) > FARTHEST:
        return PlannedItem(item)
    due = calendar.on_or_before(counted + timedelta(days=last))
    first = item.get("offset_days")
    if item.get("until_days") is not None and isinstance(first, int) and -FARTHEST <= first < last:
        return PlannedItem(item, min(calendar.on_or_after(counted + timedelta(days=first)), due), due)
    effort = item.get("effort_hours")
    days = working_days(
        min(effort, FARTHEST) if isinstance(effort, int | float) else None, decision=item.get("completed_by") == "gate"
    )
    return PlannedItem(item, calendar.shift(due, 1 - max(1, days)), due)


def _from(item: Plain, items: Mapping[str, Plain], starts: Mapping[str, date]) -> date | None:
    """Return the day that an item's days count from; items do not go in a circle."""
    days, at = 0, item
    passed: set[str] = set()
    while (source := at.get("offset_from", GO_LIVE)) not in starts:
        passed.add(at["key"])
        if source not in items or source in passed:
            return None
        at = items[source]
        step = _last(at)
        if step is None or abs(days + step) > FARTHEST:
            return None
        days += step
    return starts[source] + timedelta(days=days)


def _last(item: Plain) -> int | None:
    step: Any = item.get("until_days") if item.get("until_days") is not None else item.get("offset_days")
    return step if isinstance(step, int) else None


def _waits(item: Plain, found: Mapping[str, PlannedItem], calendar: WorkingCalendar) -> Iterator[Wait]:
    waits = item.get("depends_on")
    for one in waits if isinstance(waits, list) else []:
        key, lag = (one.get("item"), one.get("lag_days")) if isinstance(one, dict) else (one, 0)
        before = found.get(key) if isinstance(key, str) else None
        if before is not None and (due := before.due):
            yield Wait(
                before.item["key"], calendar.shift(due, lag) if isinstance(lag, int) and 0 < lag <= FARTHEST else due
            )
