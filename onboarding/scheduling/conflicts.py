"""What does not fit in a plan, each with its name and what would change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from onboarding.scheduling.passes import Window
from onboarding.scheduling.tasks import Key, Network
from tenancy.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Conflict:
    """A date that cannot hold. `key` is the task, or None for go-live itself; `other` the task it collides with."""

    kind: str
    key: Key | None
    says: str
    other: Key | None = None


@dataclass(frozen=True, slots=True)
class Blackout:
    """Days on which nothing goes live, though people work; both ends included."""

    first: date
    last: date
    title: str


def conflicts(
    network: Network,
    calendar: WorkingCalendar,
    dates: Mapping[Key, date],
    *,
    go_live: date,
    today: date,
    windows: Mapping[Key, Window] = {},
    blackouts: tuple[Blackout, ...] = (),
) -> list[Conflict]:
    """Return every conflict of a plan, go-live's own first, then in the order of the work.

    Kinds: `closed` and `blackout` (of go-live), `gone` (go-live is past), `past` (an open task is due before today),
    `order` (due before what it waits for), `late` (cannot be finished by its latest day any more).
    """
    found = list(_of_go_live(calendar, go_live, today, blackouts))
    for key in network.order:
        task = network[key]
        if task.done_on:
            continue
        for link in task.after:
            ready = calendar.shift(dates[link.before], link.lag)
            if ready > dates[key] and not network[link.before].done_on:
                lag = f" and {link.lag} working days" if link.lag else ""
                says = f"{task.name} is due before {network[link.before].name}{lag}, which it waits for."
                found.append(Conflict("order", key, says, link.before))
        window = windows.get(key)
        if dates[key] < today:
            found.append(Conflict("past", key, f"{task.name} is due on a day that has passed."))
        elif window and window.slack < 0:
            short = -window.slack
            days = "1 working day" if short == 1 else f"{short} working days"
            found.append(Conflict("late", key, f"{task.name} lacks {days}: what leads to it takes longer."))
    return found


def _of_go_live(
    calendar: WorkingCalendar, go_live: date, today: date, blackouts: tuple[Blackout, ...]
) -> list[Conflict]:
    found = []
    if go_live < today:
        found.append(Conflict("gone", None, "Go-live would be on a day that has passed."))
    if not calendar.is_working(go_live):
        found.append(Conflict("closed", None, "Go-live would be on a day on which the site does not work."))
    found += [
        Conflict("blackout", None, f"Go-live would fall into “{one.title}”, when nothing goes live.")
        for one in blackouts
        if one.first <= go_live <= one.last
    ]
    return found
