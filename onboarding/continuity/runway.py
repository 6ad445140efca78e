"""How long the money lasts: sources with amounts and end dates against a monthly cost.

Each month is paid from the open source that ends first, as a careful finance director would, so that nothing lapses unspent
while something that lasts is used up. A source pays from the month in which it begins through the month in which it ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST = 60
"""Months: beyond that nobody knows."""
ALARM, WATCH = 6, 12
"""Below six months the sponsor is alarmed (item 100); below twelve it is something to watch."""


@dataclass(frozen=True, slots=True)
class Source:
    """Money that is left, and the days between which it may be spent; without an end it does not lapse."""

    left: Decimal
    begins_on: date
    ends_on: date | None


def runway(sources: Sequence[Source], monthly_cost: Decimal, today: date) -> float:
    """Return in how many months, from today, the cost is no longer covered; fractions of the month that is not wholly paid.

    Raises ValueError for a cost of nothing or less: what costs nothing has no runway.
    """
    if monthly_cost <= 0:
        raise ValueError("The monthly cost is more than nothing.")
    left = [one.left for one in sources]
    for month in range(LONGEST):
        due, number = monthly_cost, today.year * 12 + today.month - 1 + month
        for place in sorted(range(len(sources)), key=lambda one: sources[one].ends_on or date.max):
            if _open(sources[place], number):
                paid = min(left[place], due)
                left[place] -= paid
                due -= paid
        if due > 0:
            return round(month + float(1 - due / monthly_cost), 1)
    return float(LONGEST)


def _open(source: Source, month: int) -> bool:
    first = source.begins_on.year * 12 + source.begins_on.month - 1
    last = source.ends_on.year * 12 + source.ends_on.month - 1 if source.ends_on else month
    return first <= month <= last
