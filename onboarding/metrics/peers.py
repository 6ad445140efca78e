"""Peers' quartiles of a stage: what may be published of other organizations, and what may not (docs/adr, “peers”).

- Each organization stands behind a figure once, with its own median, however many sites it has: none can dominate.
- Fewer than five organizations: no figure.
- A quartile is the mean of three neighboring organizations, rounded to whole weeks: it is nobody's own value.
- A figure is only replaced when nobody, or at least three organizations, joined since the last one, and likewise left: the
  difference of two figures never shows one organization. Who leaves and comes back is the same organization.
- A group of like tools has a figure of its own only where nobody, or at least three, stand in the wider group beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

LEAST = 5
"""Organizations behind a figure (product.md, row 6)."""
TOGETHER = 3
"""Organizations that share in each quartile, and that must join or leave together to be seen in a new figure."""
WEEK = 7
KEPT_FOR = timedelta(days=28)
"""For how long a figure stands at least."""


@dataclass(frozen=True, slots=True)
class Quartiles:
    """In whole weeks."""

    lower: int
    middle: int
    upper: int


def quartiles(days: Sequence[int]) -> Quartiles | None:
    """Return the quartiles of the organizations' medians, in whole weeks; None for fewer than five."""
    ranked = sorted(days)
    if len(ranked) < LEAST:
        return None
    return Quartiles(*(_around(ranked, part) for part in (1, 2, 3)))


def may_replace(joined: int, left: int) -> bool:
    """Whether a new figure may follow the last: of those who joined since, and of those who left, none or at least three."""
    return all(number == 0 or number >= TOGETHER for number in (joined, left))


def may_stand_apart(outside: int) -> bool:
    """Whether a group may have a figure beside that of the group around it, in which so many more organizations stand.

    With one or two outside, the difference of the two figures would be theirs.
    """
    return outside == 0 or outside >= TOGETHER


def _around(ranked: Sequence[int], part: int) -> int:
    """Return the mean of the three organizations around a quartile, in weeks, halves rounded up."""
    place = round(part * (len(ranked) - 1) / 4)
    first = min(max(place - 1, 0), len(ranked) - TOGETHER)
    days = sum(ranked[first : first + TOGETHER])
    return (2 * days + TOGETHER * WEEK) // (2 * TOGETHER * WEEK)
