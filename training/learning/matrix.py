"""The coverage matrix: job role × deployment, from the rows themselves for the host, from facts for its partners."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from facts.models import Fact
from training.learning.coverage import Figure, figures_of
from training.learning.facts import COVERAGE_BY_ROLE
from training.learning.models import Rollout
from training.learning.roles import TITLES

GOAL, CLOSE = 95, 80
"""Percent. The gates' default, and where amber ends."""
WINDOW = timedelta(days=45)
"""Training is judged from so long before go-live."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with how it looks: `tone` done, risk, stop, or idle before the window opens."""

    figure: Figure
    tone: str

    @property
    def percent(self) -> int:
        """Rounded down: 94.9 % is not 95 %."""
        return self.figure.passed * 100 // self.figure.required


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of job roles over columns of deployments."""

    rollouts: list[Rollout]
    cells: Mapping[tuple[str, UUID], Cell]
    totals: Mapping[UUID, Figure]
    people: Figure
    """Each person once for the host; a partner sees figures only, so the deployments' totals are added up."""

    @property
    def roles(self) -> list[tuple[str, str]]:
        """The job roles that somebody has, in their usual order."""
        return [(role, title) for role, title in TITLES.items() if any(key[0] == role for key in self.cells)]

    def of_role(self, role: str) -> Figure:
        """One role over all deployments."""
        return _sum(cell.figure for (name, _), cell in self.cells.items() if name == role)


def matrix(rollouts: Collection[Rollout], today: date, *, from_facts: bool) -> Matrix:
    """Build the matrix. A partner may not read a learner's rows, only what was stated about the deployment."""
    keys = [rollout.pk for rollout in rollouts]
    figures: dict[tuple[str, UUID], Figure] = {}
    totals: dict[UUID, Figure] = {}
    if from_facts:
        stated = Fact.objects.filter(subject_id__in=keys, kind=COVERAGE_BY_ROLE.name, valid_until=None)
        for fact in stated.current():
            for role, (passed, required) in fact.value.items():
                figures[role, fact.subject_id] = Figure(passed, required)
            totals[fact.subject_id] = _sum(Figure(*pair) for pair in fact.value.values())
        everybody = _sum(totals.values())
    else:
        found = figures_of(keys, today)
        figures, totals, everybody = found.by_role, found.by_deployment, found.everybody
    by_key = {rollout.pk: rollout for rollout in rollouts}
    cells = {(role, key): Cell(figure, _tone(figure, by_key[key], today)) for (role, key), figure in figures.items()}
    return Matrix(list(rollouts), cells, totals, everybody)


def _tone(figure: Figure, rollout: Rollout, today: date) -> str:
    percent = figure.passed * 100 / figure.required
    if percent >= GOAL:
        return "done"
    if rollout.live_on is None and rollout.go_live_on and rollout.go_live_on - today > WINDOW:
        return "idle"
    return "risk" if percent >= CLOSE else "stop"


def _sum(figures: Iterable[Figure]) -> Figure:
    rows = list(figures)
    return Figure(sum(row.passed for row in rows), sum(row.required for row in rows))
