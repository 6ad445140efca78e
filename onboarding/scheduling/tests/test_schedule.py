"""The schedule against the oracle: on any small plan both come to the same dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.scheduling.conflicts import Blackout, conflicts
from onboarding.scheduling.passes import windows
from onboarding.scheduling.plan import plan, pulled_forward, ripple
from onboarding.scheduling.tasks import Anchor, CircularPlan, Link, Network, Task
from onboarding.scheduling.tests import oracle
from onboarding.scheduling.tests.graphs import GO_LIVE, KICK_OFF, PLANNED_ON, TODAY, Case, cases, days_between
from tenancy.working_days import WorkingCalendar

DEADLINE = st.integers(0, 40)


@given(cases())
def test_the_plan_is_the_least_one_that_breaks_no_rule(case: Case) -> None:
    found = plan(Network(case.tasks.values()), case.calendar, go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)
    assert found == oracle.least_plan(case.tasks, case.off, GO_LIVE, KICK_OFF, PLANNED_ON)


@given(cases())
def test_an_earliest_finish_is_the_end_of_the_longest_way_to_a_task(case: Case) -> None:
    deadlines = dict.fromkeys(case.tasks, GO_LIVE)
    found = windows(Network(case.tasks.values()), case.calendar, deadlines, today=TODAY)
    first = case.calendar.on_or_after(TODAY)
    assert {key: one.earliest_finish for key, one in found.items()} == {
        key: max(first, oracle.first_finish(case.tasks, key, case.off, TODAY, {}))
        for key, task in case.tasks.items()
        if not task.done_on
    }


@given(cases(5), st.data())
def test_slack_is_how_long_a_task_may_take_longer_before_a_deadline_breaks(case: Case, data: st.DataObject) -> None:
    deadlines = {key: case.calendar.on_or_before(GO_LIVE - timedelta(days=data.draw(DEADLINE))) for key in case.tasks}
    found = windows(Network(case.tasks.values()), case.calendar, deadlines, today=TODAY)
    for key, window in found.items():
        if window.slack < 0:
            assert not oracle.in_time(case.tasks, case.off, TODAY, deadlines, {})
        elif oracle.in_time(case.tasks, case.off, TODAY, deadlines, {}):
            assert oracle.in_time(case.tasks, case.off, TODAY, deadlines, {key: window.slack})
            assert not oracle.in_time(case.tasks, case.off, TODAY, deadlines, {key: window.slack + 1})


@given(cases())
def test_every_way_through_the_plan_has_its_least_slack_on_the_critical_path(case: Case) -> None:
    found = windows(Network(case.tasks.values()), case.calendar, dict.fromkeys(case.tasks, GO_LIVE), today=TODAY)
    least = min((one.slack for one in found.values()), default=0)
    assert {key for key, one in found.items() if one.critical} == {
        key for key, one in found.items() if one.slack == least
    }
    assert bool(found) == any(one.critical for one in found.values())


@given(cases(), st.data())
def test_moving_a_task_moves_only_what_comes_after_it_and_never_earlier(case: Case, data: st.DataObject) -> None:
    network = Network(case.tasks.values())
    before = plan(network, case.calendar, go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)
    key = data.draw(st.sampled_from(sorted(case.tasks)))
    wanted = data.draw(days_between(TODAY, GO_LIVE + timedelta(days=30)))
    after = ripple(network, case.calendar, before, {key: wanted}, planned_on=PLANNED_ON)
    behind = network.after(key)
    assert after[key] == wanted
    for one in case.tasks:
        if one != key and one not in behind:
            assert after[one] == before[one]
        if one != key and isinstance(case.tasks[one].anchor, Anchor) and not case.tasks[one].stays:
            assert after[one] >= before[one]


@given(cases())
def test_moving_nothing_changes_nothing(case: Case) -> None:
    network = Network(case.tasks.values())
    before = plan(network, case.calendar, go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)
    assert ripple(network, case.calendar, before, {}, planned_on=PLANNED_ON) == before
    assert (
        ripple(
            network,
            case.calendar,
            before,
            {next(iter(case.tasks)): before[next(iter(case.tasks))]},
            planned_on=PLANNED_ON,
        )
        == before
    )


@given(cases())
def test_pulling_forward_makes_nothing_later_nor_earlier_than_today_or_than_what_it_waits_for(case: Case) -> None:
    network = Network(case.tasks.values())
    before = plan(network, case.calendar, go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)
    after = pulled_forward(network, case.calendar, before, today=TODAY)
    assert set(after) == {key for key, task in case.tasks.items() if not task.done_on}
    for key, day in after.items():
        task = case.tasks[key]
        assert day <= before[key]
        if day == before[key]:
            continue
        assert day >= case.calendar.on_or_after(TODAY)
        assert not task.fixed
        for link in task.after:
            held = case.tasks[link.before].done_on or after[link.before]
            assert day >= oracle.later(held, link.lag, case.off)


def test_a_finish_five_working_days_early_pulls_its_follower_five_forward() -> None:
    done = Task("a", -40, done_on=date(2027, 1, 14))
    network = Network([done, Task("b", -20, after=(Link("a"),)), Task("c", -10, after=(Link("b"), Link("x")))])
    calendar = WorkingCalendar("US")
    dates = {"a": date(2027, 1, 22), "b": date(2027, 2, 10), "c": date(2027, 2, 19)}
    after = pulled_forward(network, calendar, dates, today=date(2027, 1, 15))
    # Friday 22 January less 14 January: five working days, Monday 18 being a holiday. Monday 15 February is one too.
    assert after == {"b": date(2027, 2, 3), "c": date(2027, 2, 11)}


def test_a_circle_is_refused_with_its_path() -> None:
    with pytest.raises(CircularPlan, match=r"#1 → #2 → #3 → #1|#2 → #3 → #1 → #2|#3 → #1 → #2 → #3") as refused:
        Network(
            [
                Task(1, 0, name="#1", after=(Link(2),)),
                Task(2, 0, name="#2", after=(Link(3),)),
                Task(3, 0, name="#3", after=(Link(1),)),
            ]
        )
    assert len(refused.value.path) == 4


def test_an_offset_from_another_task_follows_its_date() -> None:
    network = Network([Task("review", -30, fixed=date(2027, 2, 10)), Task("minutes", 7, anchor="review")])
    assert plan(network, WorkingCalendar("US"), go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)[
        "minutes"
    ] == date(2027, 2, 17)


def test_conflicts_say_what_does_not_fit() -> None:
    network = Network(
        [
            Task(1, -10, name="#1 Interface", days=30),
            Task(2, -40, name="#2 Test", days=1, after=(Link(1, lag=2),)),
            Task(3, -90, name="#3 Contract"),
        ]
    )
    calendar = WorkingCalendar("US")
    dates = {1: date(2027, 2, 19), 2: date(2027, 1, 21), 3: date(2026, 12, 2)}
    go_live = date(2027, 1, 18)
    found = conflicts(
        network,
        calendar,
        dates,
        go_live=go_live,
        today=date(2027, 1, 4),
        windows=windows(network, calendar, dict.fromkeys(dates, go_live), today=date(2027, 1, 4)),
        blackouts=(Blackout(date(2027, 1, 15), date(2027, 1, 31), "Year-end freeze"),),
    )
    assert [(one.kind, one.key) for one in found[:2]] == [("closed", None), ("blackout", None)]
    assert "“Year-end freeze”" in found[1].says
    assert {one.says for one in found[2:]} == {
        "#1 Interface lacks 23 working days: what leads to it takes longer.",
        "#2 Test is due before #1 Interface and 2 working days, which it waits for.",
        "#2 Test lacks 23 working days: what leads to it takes longer.",
        "#3 Contract is due on a day that has passed.",
    }
