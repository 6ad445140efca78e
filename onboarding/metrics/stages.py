"""Stage completion metrics from dates (domain.md 2.1): duration, proportion, and how far a site got.

An activity is a checklist item of the playbook, counted in the stage that the playbook maps it to (`stage_metric`, 1 to 8).
What is not applicable leaves the denominator, what was skipped (waived) stays in it. Stages may overlap; no order is forced.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from onboarding.metrics.survival import Observation, median

TITLES: dict[int, str] = {
    1: "Engagement",
    2: "Feasibility",
    3: "Readiness planning",
    4: "Staff trained",
    5: "Monitoring in place",
    6: "Services begin",
    7: "Ongoing services",
    8: "Sustained",
}
PHASES: dict[str, range] = {
    "Before": range(1, 4),
    "Implementation": range(4, 8),
    "Sustainment": range(8, 9),
}
START_UP = 6
"""Its first activity is the program's start-up at the site."""


@dataclass(frozen=True, slots=True)
class StageDates:
    """What one site did of one stage: activities that apply, how many are done, and the first and last day of one."""

    applicable: int
    done: int
    first: date | None = None
    last: date | None = None

    @property
    def proportion(self) -> float | None:
        """Done of applicable; None where nothing applies."""
        return self.done / self.applicable if self.applicable else None

    @property
    def complete(self) -> bool:
        """Whether every activity that applies is done."""
        return 0 < self.applicable == self.done

    @property
    def days(self) -> int | None:
        """Days from the first activity to the last that is done; None where none is."""
        return (self.last - self.first).days if self.first and self.last else None


@dataclass(frozen=True, slots=True)
class SiteDates:
    """One deployment: its stages, and the day on which its clock stopped, if it was discontinued."""

    stages: Mapping[int, StageDates]
    discontinued_on: date | None = None

    @property
    def began_on(self) -> date | None:
        """The day of the first activity of all."""
        return min((one.first for one in self.stages.values() if one.first), default=None)

    @property
    def furthest(self) -> int | None:
        """The highest stage with at least one activity done; None before the first."""
        return max((number for number, one in self.stages.items() if one.done), default=None)

    def until(self, today: date) -> date:
        """The day up to which this site is known."""
        return min(self.discontinued_on, today) if self.discontinued_on else today

    def duration(self, stage: int, today: date) -> Observation | None:
        """How long the stage took, or has lasted so far; None for a stage that was not entered, or does not apply."""
        found = self.stages.get(stage)
        if found is None or found.first is None or found.last is None:
            return None
        if found.complete:
            return Observation((found.last - found.first).days, True)
        return Observation(max((self.until(today) - found.first).days, 0), False)

    def time_to(self, stage: int, today: date) -> Observation | None:
        """How long it took from the site's first activity to the stage's; censored where it was not entered yet."""
        found, began = self.stages.get(stage), self.began_on
        if began is None or found is None or not found.applicable:
            return None
        if found.first is not None:
            return Observation((found.first - began).days, True)
        return Observation(max((self.until(today) - began).days, 0), False)

    def phase_days(self, phase: range) -> int | None:
        """Days from the first to the last activity of a phase; None where none is done."""
        entered = [one for number, one in self.stages.items() if number in phase and one.first and one.last]
        if not entered:
            return None
        return (max(_known(one.last) for one in entered) - min(_known(one.first) for one in entered)).days


MEASURES = {"duration": SiteDates.duration, "time_to": SiteDates.time_to}


@dataclass(frozen=True, slots=True)
class Together:
    """One stage over several sites."""

    stage: int
    sites: int
    """Sites to which the stage applies."""
    entered: int
    complete: int
    proportion: float | None
    """The mean of the sites' proportions."""
    duration: int | None
    """Median days by Kaplan and Meier; None while more than half of the sites may take longer."""
    time_to: int | None


def together(sites: Iterable[SiteDates], today: date) -> list[Together]:
    """Return the stages over these sites, in order."""
    listed = list(sites)
    return [_one(stage, listed, today) for stage in TITLES]


def median_days(sites: Iterable[SiteDates], stage: int, measure: str, today: date) -> int | None:
    """Return the median days of a measure over these sites; None where it is not reached, or nobody entered."""
    observed: list[Any] = [MEASURES[measure](one, stage, today) for one in sites]
    return median([one for one in observed if one is not None])


def _one(stage: int, sites: list[SiteDates], today: date) -> Together:
    found = [one.stages[stage] for one in sites if stage in one.stages and one.stages[stage].applicable]
    shares = [one.proportion for one in found if one.proportion is not None]
    return Together(
        stage=stage,
        sites=len(found),
        entered=sum(one.done > 0 for one in found),
        complete=sum(one.complete for one in found),
        proportion=sum(shares) / len(shares) if shares else None,
        duration=median_days(sites, stage, "duration", today),
        time_to=median_days(sites, stage, "time_to", today),
    )


def _known(day: date | None) -> date:
    assert day is not None
    return day
