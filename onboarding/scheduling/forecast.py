"""When the work will be done, as a range: the plan played through many times with durations as they have been.

Bootstrap (B. Efron, Annals of Statistics 7, 1979): each run draws a past duration of every open task, with replacement.
"""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from onboarding.scheduling.tasks import Key, Network
from tenancy.working_days import DAY, WorkingCalendar

RUNS = 400


@dataclass(frozen=True, slots=True)
class Driver:
    """A task on the ways that decide the end: the working days it adds on average, and in what share of the runs."""

    key: Key
    days: float
    share: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day by which the end has come in half of the runs, and in four of five."""

    p50: date
    p80: date
    drivers: tuple[Driver, ...]


class NumberedDays:
    """Working days as numbers, 0 the first of them: a shift becomes a sum."""

    def __init__(self, calendar: WorkingCalendar, first: date) -> None:
        """Count from a working day on; more days are numbered as they are asked for."""
        self._calendar, self._first = calendar, first
        self._days = [first]

    def number(self, day: date) -> int:
        """Return the number of the day, or of the last working day before it; negative before the first."""
        if day < self._first:
            return -self._calendar.between(day, self._first)
        while self._days[-1] < day:
            self._grow()
        return bisect_right(self._days, day) - 1

    def day(self, number: int) -> date:
        """Return the working day of a number from 0 on."""
        while len(self._days) <= number:
            self._grow()
        return self._days[number]

    def _grow(self) -> None:
        self._days.append(self._calendar.on_or_after(self._days[-1] + DAY))


@dataclass(frozen=True, slots=True)
class _Step:
    """An open task made ready for many runs; days are numbers."""

    samples: Sequence[int]
    elapsed: int | None
    planned_start: int
    due: int
    after: tuple[tuple[int, int], ...]
    ready: int


def forecast(
    network: Network,
    calendar: WorkingCalendar,
    dates: Mapping[Key, date],
    samples: Mapping[Key, Sequence[int]],
    *,
    end: date,
    today: date,
    seed: int,
    started: Mapping[Key, date] = {},
    runs: int = RUNS,
) -> Forecast:
    """Return the forecast of `end`, which never comes before its own date: pulling it forward is somebody's decision.

    `dates` are due dates, `samples` past durations in working days of each open task, `started` when work began. A
    task begins when its duration before the due date has come and what it waits for is finished, at the earliest
    today; one that has begun goes on, and takes longer than it has already. The same seed gives the same forecast.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    first = calendar.on_or_after(today)
    numbers = NumberedDays(calendar, first)
    keys = [key for key in network.order if not network[key].done_on]
    place = {key: index for index, key in enumerate(keys)}
    steps = [_step(network, key, dates, samples[key], started.get(key), numbers, place, first) for key in keys]
    final = numbers.number(end) if end >= first else 0
    added, counted = [0.0] * len(steps), [0] * len(steps)
    ends = sorted(_run(steps, final, draw, added, counted) for _ in range(runs))
    drivers = [Driver(key, added[at] / runs, counted[at] / runs) for at, key in enumerate(keys) if counted[at]]
    drivers.sort(key=lambda one: (-one.days, -one.share, str(one.key)))
    p50, p80 = (_shown(ends[ceil(runs * share) - 1], final, end, today, numbers) for share in (0.5, 0.8))
    return Forecast(p50, p80, tuple(drivers))


def _shown(number: int, final: int, end: date, today: date, numbers: NumberedDays) -> date:
    """Return the day of a number; one that is not after the end's own is the end itself, unless that is past."""
    return max(end, numbers.day(number) if number > final else today)


def _step(
    network: Network,
    key: Key,
    dates: Mapping[Key, date],
    samples: Sequence[int],
    started: date | None,
    numbers: NumberedDays,
    place: Mapping[Key, int],
    first: date,
) -> _Step:
    task = network[key]
    due = numbers.number(dates[key])
    usual = sorted(samples)[len(samples) // 2]
    held = [link for link in task.after if network[link.before].done_on]
    return _Step(
        samples=samples,
        elapsed=None if started is None else max(0, -numbers.number(started)),
        planned_start=due - usual,
        due=due,
        after=tuple((place[link.before], link.lag) for link in task.after if link.before in place),
        ready=max((numbers.number(network[link.before].done_on or first) + link.lag for link in held), default=-1),
    )


def _run(steps: list[_Step], final: int, draw: random.Random, added: list[float], counted: list[int]) -> int:
    """Play the plan once; note which tasks the end waited for, and return the number of the day it came."""
    finish: list[int] = []
    bound: list[int] = []
    for step in steps:
        begin, by = max(-1, step.ready, step.planned_start), -1
        for before, lag in step.after:
            if finish[before] + lag > begin:
                begin, by = finish[before] + lag, before
        took = step.samples[int(draw.random() * len(step.samples))]
        if step.elapsed is not None and by < 0:
            begin, took = -1, max(1, took - step.elapsed)
        finish.append(begin + took)
        bound.append(by)
    if not finish:
        return final
    at = max(range(len(finish)), key=finish.__getitem__)
    last = finish[at]
    while at >= 0:
        counted[at] += 1
        late = max(0, finish[at] - steps[at].due)
        before = bound[at]
        carried = max(0, finish[before] - steps[before].due) if before >= 0 else 0
        if last > final:
            added[at] += max(0, late - carried)
        at = before
    return max(final, last)
