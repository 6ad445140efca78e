"""Small plans of every shape: links with lags, offsets from go-live, kick-off and each other, some done, some set by hand."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from onboarding.scheduling.tasks import Anchor, Link, Task
from tenancy.working_days import WorkingCalendar

GO_LIVE, KICK_OFF, TODAY = date(2027, 3, 2), date(2026, 11, 2), date(2026, 12, 21)
PLANNED_ON = date(2027, 1, 16)
"""A Saturday that some offsets fall before."""


@dataclass(frozen=True, slots=True)
class Case:
    """A plan, and the days nobody works besides weekends."""

    tasks: dict[int, Task]
    off: set[date]

    @property
    def calendar(self) -> WorkingCalendar:
        """Its calendar: a country without holidays, so that only these days are closed."""
        return WorkingCalendar("XX", "", self.off)


def days_between(first: date, last: date) -> st.SearchStrategy[date]:
    """Any day of these."""
    return st.dates(first, last)


@st.composite
def cases(draw: st.DrawFn, most: int = 6) -> Case:
    """Draw a plan without a circle: a task looks back only."""
    tasks: dict[int, Task] = {}
    for key in range(draw(st.integers(1, most))):
        before = draw(st.lists(st.sampled_from(range(key)), unique=True, max_size=3)) if key else []
        anchors = [Anchor.GO_LIVE, Anchor.GO_LIVE, Anchor.KICK_OFF, *range(key)]
        stays = draw(st.sampled_from(["", "", "", "done", "fixed"]))
        tasks[key] = Task(
            key=key,
            name=f"#{key}",
            anchor=draw(st.sampled_from(anchors)),
            offset=draw(st.integers(-60, 20)),
            days=draw(st.integers(0, 6)),
            after=tuple(Link(one, draw(st.integers(0, 4))) for one in before),
            done_on=draw(days_between(date(2026, 10, 1), TODAY)) if stays == "done" else None,
            fixed=draw(days_between(date(2026, 11, 1), GO_LIVE)) if stays == "fixed" else None,
        )
    off = draw(st.sets(days_between(TODAY - timedelta(days=60), GO_LIVE + timedelta(days=40)), max_size=12))
    return Case(tasks, off)
