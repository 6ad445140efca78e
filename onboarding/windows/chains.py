"""Chains of windows as rules say them: when each opens and closes after the event before, and which opens the next.

The real ones are domain.md 0.7, 5.4, 7.2 and 7.3 (CMS ACCESS implementation guide v0.9; PECAN; HEDIS DRR-E; CMS159).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.windows.spans import Span, days, months

START = "start"
"""The event that the whole chain counts from."""


class ChainRefused(ValueError):
    """A chain cannot be like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One window: open from `opens` to `closes` after the event before it, both days included."""

    key: str
    title: str
    opens: Span
    closes: Span
    after: str = START
    """The start, or the key of the step whose report opens this one."""
    repeats: bool = False
    """Each report opens the next window of the same kind."""
    until: Span | None = None
    """After the start: no window of a repeating step opens on this day or later."""
    breaks: str = ""
    """What follows when it is missed and the chain ends with it; empty: the chain goes on, counted from the closing day."""

    def as_data(self) -> dict[str, Any]:
        """Return it as a series keeps it: the rule of the day on which the series began."""
        return {
            "key": self.key, "title": self.title, "opens": [self.opens.count, self.opens.unit],
            "closes": [self.closes.count, self.closes.unit], "after": self.after, "repeats": self.repeats,
            "until": [self.until.count, self.until.unit] if self.until else None, "breaks": self.breaks,
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Step":
        """Return what `as_data` wrote."""
        until = Span(*data["until"]) if data["until"] else None
        return cls(
            data["key"],
            data["title"],
            Span(*data["opens"]),
            Span(*data["closes"]),
            after=data["after"],
            repeats=data["repeats"],
            until=until,
            breaks=data["breaks"],
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """A rule: its windows in order, what it counts from, and where it stands written."""

    key: str
    title: str
    starts: str
    """What happened on the first day: "Aligned on"."""
    summary: str
    source: str
    steps: tuple[Step, ...]


ACCESS = Chain(
    "access-bh",
    "CMS ACCESS, behavioral health",
    "Aligned on",
    "Baseline within 60 days, a quarterly report 70 to 110 days after the one before, the year’s end by day 425.",
    "CMS ACCESS FHIR implementation guide v0.9",
    (
        Step("baseline", "Baseline report", days(0), days(60), breaks="CMS unaligns the patients."),
        Step("quarterly", "Quarterly report", days(70), days(110), after="baseline", repeats=True, until=days(365)),
        Step("year-end", "End-of-year report", days(365), days(425)),
    ),
)
CHAINS = (
    ACCESS,
    Chain(
        "pecan-dtx",
        "PECAN, digital therapeutic (France)",
        "Coverage began on",
        "The filing for common-law coverage within 6 months; coverage itself ends after a year and is not renewed.",
        "Arrêté PECAN; gnius.esante.gouv.fr",
        (
            Step("filing", "Filing for common-law coverage", days(0), months(6), breaks="Coverage ends."),
            Step("coverage-end", "Coverage by another way", months(6), months(12)),
        ),
    ),
    Chain(
        "pecan-telemonitoring",
        "PECAN, tele-monitoring (France)",
        "Coverage began on",
        "The filing for common-law coverage within 9 months.",
        "Arrêté PECAN; gnius.esante.gouv.fr",
        (
            Step("filing", "Filing for common-law coverage", days(0), months(9), breaks="Coverage ends."),
            Step("coverage-end", "Coverage by another way", months(9), months(12)),
        ),
    ),
    Chain(
        "drr-e",
        "Depression follow-up (HEDIS DRR-E)",
        "Index month ended on",
        "The PHQ-9 of a cohort is repeated 4 to 8 months after the index score.",
        "NCQA HEDIS, DRR-E",
        (Step("follow-up", "PHQ-9 follow-up of the cohort", months(4), months(8)),),
    ),
    Chain(
        "cms159",
        "Depression remission at twelve months (CMS159)",
        "Index month ended on",
        "The PHQ-9 of a cohort at twelve months, 60 days before or after.",
        "eCQI, CMS159",
        (Step("remission", "PHQ-9 at twelve months", days(305), days(425)),),
    ),
)
OWN = "own"


def find(key: str) -> Chain | None:
    """Return the starter chain of that key."""
    return next((chain for chain in CHAINS if chain.key == key), None)


def own(title: str, opens: int, closes: int, *, repeats: bool) -> Chain:
    """Return a chain of one window of the organization's own; raise ChainRefused for days that make none."""
    if not title.strip():
        raise ChainRefused("Name what is handed in.")
    if not 0 <= opens <= closes <= 3660:
        raise ChainRefused("A window opens on a day and closes on the same or a later one, within ten years.")
    if repeats and closes == 0:
        raise ChainRefused("What repeats closes at least a day after the report before.")
    step = Step("report", title.strip()[:120], days(opens), days(closes), repeats=repeats)
    return Chain(OWN, title.strip()[:120], "Counted from", "", "", (step,))
