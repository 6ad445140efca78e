"""Working days: weekends, public holidays of country and region, and the organization's own closed days."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays

DAY = timedelta(days=1)


class WorkingCalendar:
    """The days on which an organization works at a site (Monday to Friday but for holidays and closed days)."""

    def __init__(self, country: str, region: str = "", closed: Iterable[date] = ()) -> None:
        """Take ISO codes; a region or country without known holidays has weekends only."""
        self._public = _public_holidays(country, region)
        self._closed = frozenset(closed)
        self._known: dict[date, bool] = {}

    def is_working(self, day: date) -> bool:
        """Whether people work on the day."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = day.weekday() < 5 and day not in self._closed and day not in self._public
        return known

    def on_or_before(self, day: date) -> date:
        """Return the day itself, or the last working day before it."""
        while not self.is_working(day):
            day -= DAY
        return day

    def on_or_after(self, day: date) -> date:
        """Return the day itself, or the next working day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def shift(self, day: date, working_days: int) -> date:
        """Return the day so many working days later (earlier for a negative number)."""
        step = DAY if working_days > 0 else -DAY
        for _ in range(abs(working_days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie after `first`, up to and including `last`; negative where `last` is earlier."""
        if last < first:
            return -self.between(last, first)
        days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
        return sum(map(self.is_working, days))

    def due(self, anchor: date, offset_days: int, *, planned_on: date) -> date:
        """Return the due date for an offset in calendar days: a non-working day moves back to the last working one.

        Nothing is due before the working day on which it was planned: at short notice, late counts from there.
        """
        return max(self.on_or_before(anchor + timedelta(days=offset_days)), self.on_or_after(planned_on))


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str) -> holidays.HolidayBase | frozenset[date]:
    for subdivision in (region or None, None):
        try:
            return holidays.country_holidays(country, subdiv=subdivision)
        except NotImplementedError:
            continue
    return frozenset()
