"""Geometry of the small charts, computed here because it must reach the page as SVG attributes, never as styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dateformat import format as date_text


@dataclass(frozen=True, slots=True)
class Axis:
    """One shared time axis of a table or timeline: dates become x positions between 0 and `width`."""

    start: date
    end: date
    width: float = 200

    def x(self, value: date) -> float:
        """Return the position of a date, held inside the axis."""
        days = max((self.end - self.start).days, 1)
        share = (value - self.start).days / days
        return round(min(max(share, 0), 1) * self.width, 1)

    def months(self) -> list[tuple[float, str]]:
        """Return the position and short name of each first of a month on the axis, and of its start."""
        ticks = [(0.0, date_text(self.start, "M"))]
        first = (self.start.replace(day=1) + timedelta(days=32)).replace(day=1)
        while first < self.end:
            ticks.append((self.x(first), date_text(first, "M")))
            first = (first + timedelta(days=32)).replace(day=1)
        return ticks


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage on a track. `gate` is "", "later", "due" or "signed"; `tone` "" or "risk" or "stop"."""

    name: str
    accepted: int
    total: int
    current: bool = False
    gate: str = ""
    tone: str = ""
    address: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing of it is open."""
        return self.total > 0 and self.accepted == self.total

    @property
    def percent(self) -> int:
        """Share of accepted items, rounded down: 100 means all."""
        return self.accepted * 100 // self.total if self.total else 0


def track_label(stages: Sequence[Stage]) -> str:
    """Say a small track in words: "Stage 4 of 10, Build, 33 % of items accepted"."""
    for number, stage in enumerate(stages):
        if stage.current:
            return f"Stage {number} of {len(stages) - 1}, {stage.name}, {stage.percent} % of items accepted"
    return "All stages done" if all(stage.done for stage in stages) else "Not started"
