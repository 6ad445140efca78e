"""The forecast: never before the date that is set, later only by what the durations say, and always the same."""

from datetime import date
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from onboarding.scheduling.forecast import NumberedDays, forecast
from onboarding.scheduling.plan import plan
from onboarding.scheduling.tasks import Link, Network, Task
from onboarding.scheduling.tests.graphs import GO_LIVE, KICK_OFF, PLANNED_ON, TODAY, Case, cases, days_between
from tenancy.working_days import WorkingCalendar

CALENDAR = WorkingCalendar("US")
MONDAY = date(2027, 2, 22)


@given(cases(), st.lists(days_between(date(2026, 11, 1), GO_LIVE), min_size=1))
def test_numbered_days_count_as_the_calendar_does(case: Case, days: list[date]) -> None:
    first = case.calendar.on_or_after(TODAY)
    numbers = NumberedDays(case.calendar, first)
    for day in days:
        assert numbers.number(day) == case.calendar.between(first, day)
        if day >= first:
            assert numbers.day(numbers.number(day)) == case.calendar.on_or_before(day)


@given(cases(), st.integers(0, 99))
def test_a_forecast_is_never_before_the_date_set_and_the_same_for_the_same_seed(case: Case, seed: int) -> None:
    network = Network(case.tasks.values())
    dates = plan(network, case.calendar, go_live=GO_LIVE, kick_off=KICK_OFF, planned_on=PLANNED_ON)
    samples = {key: (task.days, task.days + 2, task.days + 9) for key, task in case.tasks.items()}

    def once() -> object:
        return forecast(network, case.calendar, dates, samples, end=GO_LIVE, today=TODAY, seed=seed, runs=40)

    found = once()
    assert GO_LIVE <= found.p50 <= found.p80
    assert found == once()


def test_work_that_fits_leaves_go_live_where_it_is() -> None:
    network = Network([Task("a", -10), Task("b", -3, after=(Link("a"),))])
    dates = {"a": date(2027, 2, 26), "b": date(2027, 3, 5)}
    found = forecast(network, CALENDAR, dates, {"a": [2], "b": [3]}, end=date(2027, 3, 9), today=MONDAY, seed=1)
    assert (found.p50, found.p80) == (date(2027, 3, 9), date(2027, 3, 9))
    assert all(one.days == 0 for one in found.drivers)


def test_a_chain_that_is_too_long_pushes_go_live_by_what_it_lacks_and_names_who_does() -> None:
    network = Network([Task("a", -10), Task("b", -3, after=(Link("a", 1),))])
    dates = {"a": date(2027, 2, 24), "b": date(2027, 2, 26)}
    found = forecast(network, CALENDAR, dates, {"a": [8], "b": [2]}, end=date(2027, 3, 1), today=MONDAY, seed=1)
    # Eight working days from Monday 22 February end on 3 March, a day between, two more: 8 March.
    assert (found.p50, found.p80) == (date(2027, 3, 8), date(2027, 3, 8))
    assert [(one.key, one.days, one.share) for one in found.drivers] == [("a", 5.0, 1.0), ("b", 1.0, 1.0)]


def test_what_has_begun_goes_on_and_takes_longer_than_it_has() -> None:
    network = Network([Task("a", -1)])
    late = {"a": date(2027, 2, 15)}
    fresh = forecast(network, CALENDAR, late, {"a": [6]}, end=MONDAY, today=MONDAY, seed=1)
    begun = forecast(
        network, CALENDAR, late, {"a": [6]}, end=MONDAY, today=MONDAY, seed=1, started={"a": date(2027, 2, 18)}
    )
    # Six days from Monday: 1 March. Two are over (Thursday and Friday): four more, Thursday.
    assert (fresh.p50, begun.p50) == (date(2027, 3, 1), date(2027, 2, 25))


def test_the_quantiles_are_those_of_all_outcomes() -> None:
    network = Network([Task("a", 0), Task("b", 0, after=(Link("a"),))])
    dates = dict.fromkeys("ab", MONDAY)
    samples = {"a": [1, 2, 3, 4], "b": [1, 5, 6, 9]}
    numbers = NumberedDays(CALENDAR, MONDAY)
    every = sorted(one + two - 1 for one, two in product(samples["a"], samples["b"]))
    found = forecast(network, CALENDAR, dates, samples, end=MONDAY, today=MONDAY, seed=3, runs=20_000)
    assert found.p50 == numbers.day(every[len(every) // 2 - 1])
    assert found.p80 == numbers.day(every[len(every) * 4 // 5])
