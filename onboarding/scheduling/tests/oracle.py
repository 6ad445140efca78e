"""What the schedule must come to, found by trying: no order of the graph, no formula, one day after the other.

It knows working days as a set and nothing of the module it judges but the shape of its tasks.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from onboarding.scheduling.tasks import Anchor, Key, Task

DAY = timedelta(days=1)


def later(day: date, steps: int, off: set[date]) -> date:
    """The day so many working days later, by walking."""
    for _ in range(abs(steps)):
        day += DAY if steps > 0 else -DAY
        while _closed(day, off):
            day += DAY if steps > 0 else -DAY
    return day


def least_plan(
    tasks: Mapping[Key, Task], off: set[date], go_live: date, kick_off: date, planned_on: date
) -> dict[Key, date]:
    """The earliest dates that break no rule: start from the offsets, move whatever breaks one a day on, until none does."""

    def base(task: Task, dates: Mapping[Key, date]) -> date:
        anchor = {Anchor.GO_LIVE: go_live, Anchor.KICK_OFF: kick_off}.get(task.anchor) or dates[task.anchor]
        day = anchor + timedelta(days=task.offset)
        while _closed(day, off):
            day -= DAY
        first = planned_on
        while _closed(first, off):
            first += DAY
        return max(day, first)

    dates = {key: task.done_on or task.fixed or date(2020, 1, 1) for key, task in tasks.items()}
    moved = True
    while moved:
        moved = False
        for key, task in tasks.items():
            if task.done_on or task.fixed:
                continue
            wanted = max(base(task, dates), *[later(dates[one.before], one.lag, off) for one in task.after], date.min)
            if dates[key] != wanted:
                dates[key], moved = wanted, True
    return dates


def first_finish(tasks: Mapping[Key, Task], key: Key, off: set[date], today: date, delay: Mapping[Key, int]) -> date:
    """The end of the longest of all ways that lead to a task, each walked on its own; `delay` adds days to a task."""
    start = today
    while _closed(start, off):
        start += DAY
    ends = [later(start, -1, off)]
    for link in tasks[key].after:
        before = tasks[link.before].done_on or first_finish(tasks, link.before, off, today, delay)
        ends.append(later(before, link.lag, off))
    return later(max(ends), tasks[key].days + delay.get(key, 0), off)


def in_time(
    tasks: Mapping[Key, Task], off: set[date], today: date, deadlines: Mapping[Key, date], delay: Mapping[Key, int]
) -> bool:
    """Whether every open task meets its deadline with these delays."""
    return all(
        first_finish(tasks, key, off, today, delay) <= deadlines[key] for key, task in tasks.items() if not task.done_on
    )


def _closed(day: date, off: set[date]) -> bool:
    return day.weekday() > 4 or day in off
