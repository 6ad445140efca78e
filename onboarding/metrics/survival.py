"""Kaplan and Meier's product-limit estimate: what is known of durations when some have not ended yet.

Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc. 1958;53:457-481. At a tie an end
comes before a censoring, as in their paper. Averages of completed stages only would call a stage fast because the slow
sites are still in it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Observation:
    """One duration in days: it ended then, or had lasted that long when it was last looked at."""

    days: int
    ended: bool


def survival(observations: Sequence[Observation]) -> list[tuple[int, Fraction]]:
    """Return, for each day on which something ended, the share that lasts longer; exact, in order of days."""
    ends = Counter(one.days for one in observations if one.ended)
    leaves = Counter(one.days for one in observations)
    at_risk, share, curve = len(observations), Fraction(1), []
    for day in sorted(leaves):
        if ends[day]:
            share *= 1 - Fraction(ends[day], at_risk)
            curve.append((day, share))
        at_risk -= leaves[day]
    return curve


def median(observations: Sequence[Observation]) -> int | None:
    """Return the first day by which at least half have ended; None while more than half may last longer."""
    return next((day for day, share in survival(observations) if share <= Fraction(1, 2)), None)
