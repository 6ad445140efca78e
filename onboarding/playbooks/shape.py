"""The shape of a playbook document: frozen dataclasses, one per part. See docs/playbook-format.md."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from onboarding.playbooks.expressions import Expression, Group, Leaf
from onboarding.playbooks.order import calendar_days

SIDES = ("host", "vendor", "hub")
GATE_KINDS = ("signed", "automatic")
GATE_CLASSES = ("blocks", "conditional", "informs")
ANCHORS = ("go-live", "decommission")
EVIDENCE_KINDS = ("document", "test-run", "decision", "form", "log", "link", "none")
EPIS_PHASES = ("exploration", "preparation", "implementation", "sustainment")


@dataclass(frozen=True)
class Role:
    """An owner role of the deployment's team."""

    code: str
    key: str
    title: str
    side: str
    description: str


@dataclass(frozen=True)
class Stage:
    """One of the stages; `stage_metric` is the default of its items."""

    number: int
    key: str
    title: str
    purpose: str
    gate: str
    epis: str
    ama_steps: tuple[int, ...]
    stage_metric: int | None


@dataclass(frozen=True)
class Gate:
    """A gate: signed by a panel, or closing by itself when its criteria hold."""

    key: str
    title: str
    stage: int
    kind: str
    criteria: Expression
    panel: tuple[str, ...]
    quorum: int
    meaning: str


@dataclass(frozen=True)
class ScorecardDomain:
    """A domain of the go/no-go scorecard; `items` are the keys of the items that name it."""

    key: str
    title: str
    weight: int
    items: tuple[str, ...]


@dataclass(frozen=True)
class Scorecard:
    """Thresholds and domains of the go/no-go."""

    go: int
    conditional_go: int
    condition_expiry_days: int
    domains: tuple[ScorecardDomain, ...]


@dataclass(frozen=True)
class RunbookStep:
    """A default step of the cut-over."""

    number: int
    key: str
    title: str
    owner: str
    deputy: str
    minutes: int
    verification: str
    back_out: str
    point_of_no_return: bool


@dataclass(frozen=True)
class Trigger:
    """A roll-back trigger: when `when` holds for so many minutes (0: at once), the deciders are asked."""

    key: str
    title: str
    when: Expression
    for_minutes: int


@dataclass(frozen=True)
class Runbook:
    """The default cut-over plan."""

    decides: str
    deputy: str
    float_minutes: int
    steps: tuple[RunbookStep, ...]
    triggers: tuple[Trigger, ...]


@dataclass(frozen=True)
class Evidence:
    """What an item wants to see."""

    key: str
    title: str
    kind: str
    required: bool


@dataclass(frozen=True)
class Dependency:
    """The item waited for, and how many working days must lie between."""

    item: str
    lag_days: int


@dataclass(frozen=True)
class Item:
    """A checklist item. `epis` and `stage_metric` fall back to its stage's."""

    number: int
    key: str
    stage: int
    title: str
    guidance: str
    owner: str
    also: tuple[str, ...]
    effort_hours: float
    evidence: tuple[Evidence, ...]
    depends_on: tuple[Dependency, ...]
    anchor: str
    offset_days: int
    until_days: int | None
    gate_class: str
    gate: str
    completed_by_gate: bool
    condition: Expression | None
    light: bool
    core: bool
    domain: str
    tags: tuple[str, ...]
    epis: str
    stage_metric: int | None

    @property
    def last_day(self) -> int:
        """Give the last day of the item's window, or its one day."""
        return self.offset_days if self.until_days is None else self.until_days


@dataclass(frozen=True)
class PlaybookDocument:
    """A whole playbook version."""

    schema: int
    key: str
    title: str
    version: str
    summary: str
    sources: tuple[str, ...]
    roles: tuple[Role, ...]
    stages: tuple[Stage, ...]
    gates: tuple[Gate, ...]
    scorecard: Scorecard
    runbook: Runbook
    items: tuple[Item, ...]

    def item(self, key: str) -> Item:
        """Give the item with this key."""
        return next(item for item in self.items if item.key == key)

    def canonical_json(self) -> str:
        """Give the content in one spelling, whatever its layout, comments and files were."""
        return json.dumps(as_data(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def sha256(self) -> str:
        """Give the fingerprint of the content."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Name every item that is due before something it waits for can be finished."""
        return tuple(_late_dependencies(self.items))


def as_data(value: Any) -> Any:
    """Give a part of the document as plain JSON data."""
    if isinstance(value, Leaf | Group):
        return value.as_data()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_data(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [as_data(part) for part in value]
    return value


def _late_dependencies(items: tuple[Item, ...]) -> Iterator[str]:
    by_key = {item.key: item for item in items}
    for item in items:
        for dependency in item.depends_on:
            other = by_key[dependency.item]
            if other.anchor != item.anchor:
                continue
            ready = other.last_day + calendar_days(dependency.lag_days)
            if ready > item.last_day:
                yield (
                    f"item '{item.key}' is due on day {item.last_day:+d}, "
                    f"but '{other.key}' can hold on day {ready:+d} at the earliest"
                )
