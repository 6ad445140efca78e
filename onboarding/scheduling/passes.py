"""What is possible: earliest and latest finish of what is still to be done, slack, and the critical path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from onboarding.scheduling.tasks import Key, Network
from tenancy.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Window:
    """When an open task can finish at the earliest, must at the latest, and the working days between them."""

    earliest_finish: date
    latest_finish: date
    slack: int
    """In working days; negative where the task can no longer finish in time."""
    critical: bool


def windows(
    network: Network, calendar: WorkingCalendar, deadlines: Mapping[Key, date], *, today: date
) -> dict[Key, Window]:
    """Return the window of each open task.

    Forward pass: work starts today at the earliest, or when what the task waits for is finished and its lag is over; a
    task of `days` working days that starts today finishes on the last of them. Backward pass: a task ends no later
    than its deadline, nor later than lets everything behind it keep its own. Critical are the tasks with the least
    slack: delaying one of them by more than its slack breaks a deadline first.
    """
    first = calendar.on_or_after(today)
    finish, latest = _forward(network, calendar, first), _backward(network, calendar, deadlines)
    slack = {key: calendar.between(day, latest[key]) for key, day in finish.items()}
    least = min(slack.values(), default=0)
    return {key: Window(max(first, day), latest[key], slack[key], slack[key] == least) for key, day in finish.items()}


def _forward(network: Network, calendar: WorkingCalendar, first: date) -> dict[Key, date]:
    """Return the working day at whose end each open task is finished; a decision may be at the end of the day before."""
    begin = calendar.shift(first, -1)
    finish: dict[Key, date] = {}
    for key in network.order:
        task = network[key]
        if task.done_on:
            continue
        start = begin
        for link in task.after:
            before = network[link.before].done_on or finish[link.before]
            start = max(start, calendar.shift(before, link.lag))
        finish[key] = calendar.shift(start, task.days)
    return finish


def _backward(network: Network, calendar: WorkingCalendar, deadlines: Mapping[Key, date]) -> dict[Key, date]:
    latest: dict[Key, date] = {}
    for key in reversed(network.order):
        if network[key].done_on:
            continue
        end = calendar.on_or_before(deadlines[key])
        for follower, lag in network.following[key]:
            if follower in latest:
                end = min(end, calendar.shift(latest[follower], -(network[follower].days + lag)))
        latest[key] = end
    return latest
