"""The plan: a due date for each task, from its offset, what it waits for and the days people work."""

from collections.abc import Mapping
from datetime import date

from onboarding.scheduling.tasks import Anchor, Key, Network, Task
from tenancy.working_days import WorkingCalendar

Dates = dict[Key, date]


def plan(network: Network, calendar: WorkingCalendar, *, go_live: date, kick_off: date, planned_on: date) -> Dates:
    """Return each task's due date.

    The offset in calendar days from its anchor, moved back to the last working day, and none before the working day of
    planning; but never before what the task waits for is due, with the lag in working days between them. A task that
    is done, or set by hand, stays.
    """
    dates: Dates = {}

    def by_offset(task: Task) -> date:
        anchor = {Anchor.GO_LIVE: go_live, Anchor.KICK_OFF: kick_off}.get(task.anchor) or dates[task.anchor]  # type: ignore[call-overload]
        return calendar.due(anchor, task.offset, planned_on=planned_on)

    for key in network.order:
        task = network[key]
        dates[key] = task.stays or max(by_offset(task), *_ready(task, dates, calendar))
    return dates


def ripple(
    network: Network,
    calendar: WorkingCalendar,
    dates: Mapping[Key, date],
    moved: Mapping[Key, date],
    *,
    planned_on: date,
) -> Dates:
    """Return the dates after some tasks were given others: what waits for them moves later where it must, no further.

    Nothing moves earlier by itself (see `pulled_forward`), but for a task whose offset counts from a moved one: it
    follows. What is not behind a moved task stays, even where it does not fit.
    """
    after: Dates = {}
    for key in network.order:
        task = network[key]
        if key in moved:
            after[key] = moved[key]
            continue
        after[key] = dates[key]
        if task.stays or not any(after[one] != dates[one] for one in task.waits_for):
            continue
        if not isinstance(task.anchor, Anchor) and after[task.anchor] != dates[task.anchor]:
            after[key] = calendar.due(after[task.anchor], task.offset, planned_on=planned_on)
        after[key] = max(after[key], *_ready(task, after, calendar))
    return after


def pulled_forward(network: Network, calendar: WorkingCalendar, dates: Mapping[Key, date], *, today: date) -> Dates:
    """Return the dates of open tasks if they took up the working days that finished ones have won.

    A task wins what the least of those it waits for has won, never falls before today, nor before what it waits for;
    one that waits for nothing, or is set by hand, wins nothing.
    """
    won: dict[Key, int] = {}
    after: Dates = {}
    first = calendar.on_or_after(today)
    for key in network.order:
        task, due = network[key], dates[key]
        after[key], won[key] = due, 0
        if task.done_on:
            after[key] = task.done_on
            won[key] = max(0, calendar.between(task.done_on, due))
        elif not task.fixed and task.after and due > first:
            gain = min(won[link.before] for link in task.after)
            if gain:
                earliest = max(first, *_ready(task, after, calendar))
                after[key] = min(due, max(calendar.shift(due, -gain), earliest))
                won[key] = calendar.between(after[key], due)
    return {key: after[key] for key in network.order if not network[key].done_on}


def _ready(task: Task, dates: Mapping[Key, date], calendar: WorkingCalendar) -> list[date]:
    return [calendar.shift(dates[link.before], link.lag) for link in task.after] or [date.min]
