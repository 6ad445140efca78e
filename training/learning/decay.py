"""What becomes of coverage after go-live: people leave, join and let certificates run out. Read from what was stated day by day."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models.functions import TruncDate

from facts.models import Fact
from training.learning.calendar import organization_zone
from training.learning.coverage import Figure
from training.learning.facts import COVERAGE_BY_ROLE
from training.learning.matrix import GOAL
from training.learning.models import Rollout

WIDTH, HEIGHT = 200, 40
Series = dict[int, Figure]
"""Days since go-live to what was stated last on that day; 0 is what held when it went live."""


@dataclass(frozen=True, slots=True)
class Decay:
    """A deployment, or a tool over its deployments, from go-live to today."""

    title: str
    detail: str
    live_on: date | None
    series: Series
    days: int
    """How long it has been live."""

    @property
    def at_go_live(self) -> Figure:
        """What held on the day of go-live."""
        return self.series[0]

    @property
    def now(self) -> Figure:
        """What was stated last."""
        return self.series[max(self.series)]

    @property
    def change(self) -> int | None:
        """Percentage points since go-live, both rounded down; None where either is unknown."""
        before, after = self.at_go_live, self.now
        if not before.required or not after.required:
            return None
        return after.passed * 100 // after.required - before.passed * 100 // before.required

    @property
    def lowest(self) -> int | None:
        """The lowest percentage there was."""
        return min((one.passed * 100 // one.required for one in self.series.values() if one.required), default=None)

    @property
    def path(self) -> str:
        """The curve as an SVG path in steps: a figure holds until the next one is stated."""
        parts: list[str] = []
        for day, figure in sorted(self.series.items()):
            if figure.share is None:
                continue
            x, y = _x(day, self.days), _y(figure.share)
            parts.append(f"H{x:.1f}V{y:.1f}" if parts else f"M{x:.1f} {y:.1f}")
        return "".join(parts) + f"H{WIDTH}" if parts else ""

    @property
    def goal(self) -> float:
        """Where the line of the gates' default lies."""
        return round(_y(GOAL / 100), 1)


def decays(rollouts: Collection[Rollout], today: date) -> tuple[list[Decay], list[Decay]]:
    """Return the curve of each tool and of each live deployment of which something was stated; two statements."""
    live = [rollout for rollout in rollouts if rollout.live_on and rollout.live_on <= today]
    series = _stated(live)
    sites = [
        Decay(one.title, one.site.name, one.live_on, series[one.pk], (today - one.live_on).days)
        for one in live
        if one.live_on and 0 in series[one.pk]
    ]
    tools = []
    for title in sorted({one.title for one in sites}):
        own = [one for one in sites if one.title == title]
        tools.append(Decay(title, f"{len(own)} live", None, _together(own), max(one.days for one in own)))
    return tools, sites


def _stated(live: list[Rollout]) -> dict[UUID, Series]:
    """The last statement of each day, by days since go-live; what held before go-live stands at 0."""
    found: dict[UUID, Series] = {rollout.pk: {} for rollout in live}
    went = {rollout.pk: rollout.live_on for rollout in live}
    rows = (
        Fact.objects.filter(subject_id__in=found, kind=COVERAGE_BY_ROLE.name)
        .annotate(day=TruncDate("observed_at", tzinfo=organization_zone()))
        .order_by("subject_id", "day", "-observed_at", "-id")
        .distinct("subject_id", "day")
    )
    for subject_id, day, value, until in rows.values_list("subject_id", "day", "value", "valid_until"):
        live_on = went[subject_id]
        assert live_on
        figure = Figure(0, 0) if until else Figure(*(sum(pair[at] for pair in value.values()) for at in (0, 1)))
        found[subject_id][max(0, (day - live_on).days)] = figure
    return found


def _together(own: Iterable[Decay]) -> Series:
    """Add deployments up by days since go-live; each counts as long as it has been live."""
    rows = list(own)
    summed: Series = {}
    for day in sorted({day for one in rows for day in one.series}):
        held = [one.series[max(known for known in one.series if known <= day)] for one in rows if one.days >= day]
        summed[day] = Figure(sum(one.passed for one in held), sum(one.required for one in held))
    return summed


def _x(day: int, days: int) -> float:
    return day * WIDTH / days if days else 0.0


def _y(share: float) -> float:
    return 2 + (1 - share) * (HEIGHT - 4)
