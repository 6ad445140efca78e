"""The shape of a playbook document: frozen dataclasses, one per part. See docs/playbook-format.md."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any

from onboarding.playbooks.expressions import Expression, Group, Leaf
from onboarding.playbooks.order import calendar_days

SIDES = ("host", "vendor", "hub")
GATE_KINDS = ("signed", "automatic")
GATE_CLASSES = ("blocks", "conditional", "informs")
ANCHORS = ("go-live", "decommission")
GO_LIVE, KICK_OFF = "go_live", "kick_off"
"""What an offset counts from, unless it is an item's key: keys have no underscore."""
EVIDENCE_KINDS = ("document", "test-run", "decision", "form", "log", "link", "none")
DECIDE_WITHIN = 15
"""Minutes from a rollback trigger that fires to the decision, where the runbook says nothing else."""
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
    decide_within_minutes: int = DECIDE_WITHIN


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
    """A checklist item. `epis` and `stage_metric` fall back to its stage's.

    `offset_days` counts calendar days from `offset_from`: go-live, kick-off, or the last day of the item of that key.
    """

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
    offset_from: str
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
    reminders: Mapping[str, Any] = field(default_factory=dict)
    """Rules of reminders that travel with the version (`notices.rules`); empty where it leaves them to the organization."""

    def item(self, key: str) -> Item:
        """Give the item with this key."""
        return next(item for item in self.items if item.key == key)

    def canonical_json(self) -> str:
        """Give the content in one spelling, whatever its layout, comments and files were.

        Fields that came later are left out at their default, so that older versions keep their fingerprint.
        """
        data = as_data(self)
        for item in data["items"]:
            if item["offset_from"] == GO_LIVE:
                del item["offset_from"]
        if data["runbook"]["decide_within_minutes"] == DECIDE_WITHIN:
            del data["runbook"]["decide_within_minutes"]
        if not data["reminders"]:
            del data["reminders"]
        return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
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
    if isinstance(value, Mapping):
        return {name: as_data(part) for name, part in value.items()}
    return value


def _late_dependencies(items: tuple[Item, ...]) -> Iterator[str]:
    by_key = {item.key: item for item in items}
    days = {item.key: _last_day(item, by_key) for item in items}
    for item in items:
        start, due = days[item.key]
        for dependency in item.depends_on:
            other_start, other_due = days[dependency.item]
            ready = other_due + calendar_days(dependency.lag_days)
            if other_start == start and ready > due:
                yield (
                    f"item '{item.key}' is due on day {due:+d}, "
                    f"but '{dependency.item}' can hold on day {ready:+d} at the earliest"
                )


def _last_day(item: Item, by_key: dict[str, Item]) -> tuple[str, int]:
    """Give what the item's last day counts from in the end, and the days from there; items do not go in a circle."""
    days = item.last_day
    while item.offset_from in by_key:
        item = by_key[item.offset_from]
        days += item.last_day
    return (item.offset_from if item.anchor == "go-live" else item.anchor), days
