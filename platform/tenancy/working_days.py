"""Working days: weekends, public holidays of country and region, and the organization's own closed days."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

import holidays

DAY = timedelta(days=1)


class WorkingCalendar:
    """The days on which an organization works at a site (Monday to Friday but for holidays and closed days)."""

    def __init__(self, country: str, region: str = "", closed: Iterable[date] = ()) -> None:
        """Take ISO codes; a region or country without known holidays has weekends only."""
        self._public = _public_holidays(country, region)
        self._closed = frozenset(closed)
        self._persons: dict[tuple[str, str], WorkingCalendar] = {}
        self._known: dict[date, bool] = {}
        self._years: dict[int, list[int]] = {}

    def of_person(self, country: str, region: str) -> "WorkingCalendar":
        """Return the calendar of somebody who lives by other public holidays; this one where they named no country.

        The organization's own closed days hold for everybody.
        """
        if not country:
            return self
        return self._persons.setdefault((country, region), WorkingCalendar(country, region, self._closed))

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
        whole = sum(self._counted(year)[-1] for year in range(first.year, last.year))
        return whole + self._counted(last.year)[_place(last)] - self._counted(first.year)[_place(first)]

    def _counted(self, year: int) -> list[int]:
        """Return, for each day of a year, how many of its working days are over at the end of that day."""
        known = self._years.get(year)
        if known is None:
            first, days = date(year, 1, 1), _place(date(year, 12, 31)) + 1
            worked = (self.is_working(first + timedelta(days=number)) for number in range(days))
            known = self._years[year] = list(accumulate(worked))
        return known

    def due(self, anchor: date, offset_days: int, *, planned_on: date) -> date:
        """Return the due date for an offset in calendar days: a non-working day moves back to the last working one.

        Nothing is due before the working day on which it was planned: at short notice, late counts from there.
        """
        return max(self.on_or_before(anchor + timedelta(days=offset_days)), self.on_or_after(planned_on))


def _place(day: date) -> int:
    """Return how many days of its year lie before a day."""
    return day.toordinal() - date(day.year, 1, 1).toordinal()


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str) -> holidays.HolidayBase | frozenset[date]:
    for subdivision in (region or None, None):
        try:
            return holidays.country_holidays(country, subdiv=subdivision)
        except NotImplementedError:
            continue
    return frozenset()
