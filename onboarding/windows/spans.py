"""Days and months after a day."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, or calendar months, after something."""

    count: int
    unit: str = "days"

    def after(self, day: date) -> date:
        """Return the day; a month later on a day that the month has not is its last day (31 January, 28 February)."""
        if self.unit == "days":
            return day + timedelta(days=self.count)
        number = day.year * 12 + day.month - 1 + self.count
        year, month = divmod(number, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"


def days(count: int) -> Span:
    """Return a span of days."""
    return Span(count)


def months(count: int) -> Span:
    """Return a span of calendar months."""
    return Span(count, "months")
