"""When a run's steps begin and end: as planned, as they went, and as they will by what is known now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onboarding.cutover.models import Run, Step

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Timed:
    """A step with its times. All durations are minutes, rounded to whole ones."""

    step: Step
    planned_start: datetime
    planned_end: datetime
    forecast_start: datetime
    """When it began, or will: every step before it takes what it was planned to take."""
    forecast_end: datetime

    @property
    def delta(self) -> int | None:
        """Minutes longer than planned that the step itself took; None while it is not done."""
        if self.step.ended_at is None or self.step.started_at is None:
            return None
        return whole_minutes(self.step.ended_at - self.step.started_at) - self.step.minutes


@dataclass(frozen=True, slots=True)
class Outlook:
    """The run as a whole."""

    steps: list[Timed]
    against_plan: int
    """Minutes that the forecast finish is later than the planned one; negative when earlier."""
    float_left: int
    """Minutes of the plan's float that are not used up."""
    planned_end: datetime
    forecast_end: datetime
    no_return_planned: datetime | None
    no_return_forecast: datetime | None


def outlook(run: Run, steps: Sequence[Step], now: datetime) -> Outlook:
    """Return the times of one way of a run, its steps in order.

    A running step ends at its planned length or, once that is over, now. A run that has not begun is forecast as planned,
    or from now once its start is past. A rehearsal is held against its plan from when it began: it may be held at any time.
    """
    timed: list[Timed] = []
    rehearsed = run.started_at if run.kind == Run.Kind.REHEARSAL else None
    planned = rehearsed or run.starts_at
    clock = run.started_at or max(run.starts_at, now if run.is_open else run.starts_at)
    for step in steps:
        length = timedelta(minutes=step.minutes)
        begins = step.started_at or clock
        ends = step.ended_at or (max(begins + length, now) if step.started_at else begins + length)
        timed.append(Timed(step, planned, planned + length, begins, ends))
        planned, clock = planned + length, ends
    against = whole_minutes(clock - planned)
    turn = next((one for one in timed if one.step.point_of_no_return), None)
    return Outlook(
        steps=timed,
        against_plan=against,
        float_left=max(0, min(run.float_minutes, run.float_minutes - against)),
        planned_end=planned,
        forecast_end=clock,
        no_return_planned=turn.planned_start if turn else None,
        no_return_forecast=turn.forecast_start if turn else None,
    )


def whole_minutes(length: timedelta) -> int:
    """Return a duration in minutes, rounded."""
    return round(length / MINUTE)
