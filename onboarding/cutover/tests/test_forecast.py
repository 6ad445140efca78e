"""When the steps of a run begin and end, and when a trigger fires."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from onboarding.cutover.forecast import outlook
from onboarding.cutover.models import Run, Step
from onboarding.cutover.triggers import judge

FIVE = datetime(2027, 3, 2, 5, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def steps(*lengths: int, turn: int = 3) -> list[Step]:
    return [
        Step(number=number, minutes=length, point_of_no_return=number == turn)
        for number, length in enumerate(lengths, start=1)
    ]


def run(state: str = "running", started: float | None = 0) -> Run:
    return Run(
        state=state, starts_at=FIVE, float_minutes=10, started_at=None if started is None else FIVE + minutes(started)
    )


def test_a_run_that_waits_is_forecast_as_planned_and_from_now_once_its_start_is_past() -> None:
    early = outlook(run("planned", None), steps(10, 15, 5), FIVE - minutes(30))
    assert (early.against_plan, early.planned_end, early.forecast_end) == (0, FIVE + minutes(30), FIVE + minutes(30))
    late = outlook(run("planned", None), steps(10, 15, 5), FIVE + minutes(7))
    assert (late.against_plan, late.float_left) == (7, 3)


def test_a_step_that_takes_longer_moves_everything_after_it() -> None:
    plan = steps(10, 15, 5)
    plan[0].started_at, plan[0].ended_at, plan[0].state = FIVE, FIVE + minutes(14), "done"
    plan[1].started_at, plan[1].state = FIVE + minutes(14), "running"
    seen = outlook(run(), plan, FIVE + minutes(20))
    assert [one.delta for one in seen.steps] == [4, None, None]
    assert seen.no_return_planned == FIVE + minutes(25)
    assert seen.no_return_forecast == FIVE + minutes(29)
    assert (seen.against_plan, seen.float_left) == (4, 6)
    stuck = outlook(run(), plan, FIVE + minutes(40))  # the running step is over its time
    assert stuck.forecast_end == FIVE + minutes(45)
    assert (stuck.against_plan, stuck.float_left) == (15, 0)


def test_a_rehearsal_is_held_against_its_plan_from_when_it_began() -> None:
    plan = steps(10, 15)
    begun = -5470.0  # days before the hour that it was planned for
    plan[0].started_at, plan[0].ended_at = FIVE + minutes(begun), FIVE + minutes(begun + 12)
    held = run("running", begun)
    held.kind = "rehearsal"
    seen = outlook(held, plan, FIVE + minutes(begun + 12))
    assert (seen.against_plan, seen.planned_end) == (2, FIVE + minutes(begun + 25))
    held.kind = "live"
    assert outlook(held, plan, FIVE + minutes(begun + 12)).against_plan == begun + 2


def test_a_run_ahead_of_its_plan_has_its_whole_float() -> None:
    plan = steps(10, 15)
    plan[0].started_at, plan[0].ended_at = FIVE, FIVE + minutes(6)
    seen = outlook(run(), plan, FIVE + minutes(6))
    assert (seen.steps[0].delta, seen.against_plan, seen.float_left) == (-4, -4, 10)


FAILING = {
    "key": "failing", "title": "Messages failing", "for_minutes": 30,
    "when": {"fact": "cutover.message_failure_share", "op": "gt", "value": 0.05},
}  # fmt: skip
FIRST = {
    "key": "first", "title": "A wrong result", "for_minutes": 0,
    "when": {"fact": "cutover.wrong_patient_results", "op": "ge", "value": 1},
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "seen", "now", "fired"),
    [
        (FIRST, [], 0, False),
        (FIRST, [(0, 0)], 1, False),
        (FIRST, [(0, 1)], 0, True),
        (FIRST, [(0, 1), (5, 0)], 6, False),
        (FAILING, [(0, 0.05)], 59, False),
        (FAILING, [(0, 0.06)], 29, False),
        (FAILING, [(0, 0.06)], 30, True),
        (FAILING, [(0, 0.06), (20, 0.01), (25, 0.2)], 40, False),
        (FAILING, [(0, 0.06), (20, 0.08)], 31, True),
        (FAILING, [(0, 0.06)], 300, True),  # nobody reported since: what had fired stays fired
    ],
)
def test_a_trigger_fires_when_it_was_beyond_its_limit_long_enough_without_a_break(
    rule: Any, seen: list[tuple[int, float]], now: int, fired: bool
) -> None:
    found = judge(rule, [(FIVE + minutes(at), value) for at, value in seen], FIVE + minutes(now))
    assert found.fired is fired


def test_a_figure_older_than_an_hour_is_not_shown_as_if_it_were_new() -> None:
    assert judge(FAILING, [(FIVE, 0.01)], FIVE + minutes(60)).value == 0.01
    assert judge(FAILING, [(FIVE, 0.01)], FIVE + minutes(61)).value is None
