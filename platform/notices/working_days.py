"""The days that reminder steps count: weekends and a country's public holidays are left out."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

import holidays

DAY = timedelta(days=1)


class Calendar(Protocol):
    """Anything that can count working days; a deployment brings its site's calendar."""

    def shift(self, day: date, working_days: int) -> date:
        """Return the day so many working days later (earlier for a negative number)."""

    def on_or_before(self, day: date) -> date:
        """Return the day itself, or the last working day before it."""


class WorkingDays:
    """Monday to Friday but for the public holidays of a country."""

    def __init__(self, country: str) -> None:
        """Take an ISO 3166 code; a country without known holidays has weekends only."""
        self._holidays = _of(country)

    def is_working(self, day: date) -> bool:
        """Whether people work on the day."""
        return day.weekday() < 5 and day not in self._holidays

    def on_or_before(self, day: date) -> date:
        """Return the day itself, or the last working day before it."""
        while not self.is_working(day):
            day -= DAY
        return day

    def shift(self, day: date, working_days: int) -> date:
        """Return the day so many working days later (earlier for a negative number)."""
        step = DAY if working_days > 0 else -DAY
        for _ in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day


@lru_cache(maxsize=64)
def _of(country: str) -> "holidays.HolidayBase | frozenset[date]":
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return frozenset()
