"""Working days: weekends, public holidays of country and region, closed days, and what is due when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.working_days import WorkingCalendar


@pytest.mark.parametrize(
    ("country", "day", "steps", "found"),
    [
        ("US", date(2026, 7, 2), 1, date(2026, 7, 6)),  # Independence Day is observed on Friday the 3rd
        ("GB", date(2026, 12, 24), 1, date(2026, 12, 29)),
        ("US", date(2027, 1, 4), -1, date(2026, 12, 31)),
        ("ZZ", date(2026, 12, 24), 1, date(2026, 12, 25)),
    ],
)
def test_working_days_know_the_countrys_holidays(country: str, day: date, steps: int, found: date) -> None:
    assert WorkingCalendar(country).shift(day, steps) == found


def test_a_region_adds_its_own_holidays_and_a_closed_day_is_none_to_work_on() -> None:
    patriots = date(2027, 4, 19)
    assert WorkingCalendar("US").is_working(patriots)
    assert not WorkingCalendar("US", "MA").is_working(patriots)
    assert not WorkingCalendar("US", "", [date(2027, 4, 20)]).is_working(date(2027, 4, 20))


@pytest.mark.parametrize(
    ("planned_on", "due"),
    [
        (date(2026, 11, 2), date(2027, 1, 15)),  # 45 days before is a Saturday: the Friday
        (date(2027, 1, 15), date(2027, 1, 15)),
        (date(2027, 1, 16), date(2027, 1, 19)),  # a Saturday before Martin Luther King Day: the Tuesday
        (date(2027, 2, 26), date(2027, 2, 26)),
    ],
)
def test_nothing_is_due_before_the_working_day_on_which_it_was_planned(planned_on: date, due: date) -> None:
    assert WorkingCalendar("US").due(date(2027, 3, 2), -45, planned_on=planned_on) == due


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(-900, 900))
def test_between_counts_the_working_days_one_by_one(first: date, days: int) -> None:
    calendar = WorkingCalendar("US", "MA", [date(2027, 4, 20)])
    last = first + timedelta(days=days)
    early, late = sorted((first, last))
    one_by_one = sum(calendar.is_working(early + timedelta(days=number + 1)) for number in range((late - early).days))
    assert calendar.between(first, last) == (one_by_one if days >= 0 else -one_by_one)
