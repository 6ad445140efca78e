"""Criteria: boolean expressions over facts, evaluated in three values, with a sentence for every outcome.

Grammar (JSON or YAML): `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, or a leaf
`{"fact": kind, "op": eq|ne|ge|le|gt|lt|in, "value": v, "max_age_days": n?, "says": text?, ...}`. Without `max_age_days`
a statement counts as long as its kind stays fresh.
Further keys of a leaf (`stages`, `gate`, ...) select which figure of that kind is meant; see `Reading`.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from facts.kinds import fresh_for, unit_of

OPERATORS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "eq": (operator.eq, "is"),
    "ne": (operator.ne, "is not"),
    "ge": (operator.ge, "is at least"),
    "le": (operator.le, "is at most"),
    "gt": (operator.gt, "is more than"),
    "lt": (operator.lt, "is less than"),
    "in": (lambda found, wanted: found in wanted, "is one of"),
}
BRANCHES = {"all", "any", "not"}
MOST_DAYS = 36_500


class MalformedCriterion(ValueError):
    """A criterion does not follow the grammar; the message names the place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A fact as a criterion sees it."""

    value: Any
    observed_at: datetime | None = None
    valid_until: datetime | None = None


class Source(Protocol):
    """Where criteria get their readings: `leaf` is the whole leaf, so that it may carry selectors."""

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return the reading, or None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """True, False or None (unknown or stale), why in words, and the outcomes it was made of."""

    holds: bool | None
    says: str
    parts: tuple["Outcome", ...] = ()
    joined: str = ""
    """How the parts are joined: all, any or not; empty for a comparison."""
    leaf: Mapping[str, Any] | None = None
    """The comparison itself, where this is one: what links to the place that would make it true."""
    found: Any = None
    stale: bool = False
    """Whether something is known, but too old or lapsed."""
    lapses_at: datetime | None = None
    """When time alone may change it: the first moment at which something that was read goes stale."""

    @property
    def fact(self) -> str:
        """The kind of fact that is compared; empty where several outcomes are joined."""
        return str(self.leaf["fact"]) if self.leaf else ""

    @property
    def word(self) -> str:
        """Met, not met, out of date or not known."""
        if self.holds is not None:
            return "Met" if self.holds else "Not met"
        return "Out of date" if self.stale else "Not known"

    def leaves(self) -> list["Outcome"]:
        """Return every comparison below."""
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]

    def failing(self) -> list["Outcome"]:
        """Return the leaves that keep this from being true; a `not` whose part holds is one itself."""
        if self.holds:
            return []
        found = [leaf for part in self.parts for leaf in part.failing()]
        return found or [self]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON, for a record: what was compared, what was found, and what came of it."""
        data: dict[str, Any] = {"holds": self.holds, "says": self.says}
        if self.parts:
            data["parts"] = [part.as_data() for part in self.parts]
        if self.leaf is not None:
            data |= {"criterion": dict(self.leaf), "found": self.found}
        return data


def check(criterion: Any, where: str = "criterion") -> None:
    """Raise MalformedCriterion, naming the place, unless the expression follows the grammar."""
    if not isinstance(criterion, Mapping):
        raise MalformedCriterion(f"{where}: expected a mapping, got {type(criterion).__name__}.")
    branch = BRANCHES & set(criterion)
    if branch:
        if len(criterion) > 1 and set(criterion) - branch - {"says"}:
            raise MalformedCriterion(f"{where}: {', '.join(sorted(criterion))} cannot stand together.")
        name = branch.pop()
        inner = [criterion["not"]] if name == "not" else criterion[name]
        if not isinstance(inner, list) or not inner:
            raise MalformedCriterion(f"{where}.{name}: expected a list of at least one criterion.")
        for position, part in enumerate(inner):
            check(part, f"{where}.{name}[{position}]")
        return
    for key in ("fact", "op", "value"):
        if key not in criterion:
            raise MalformedCriterion(f"{where}: a leaf needs {key}.")
    if not isinstance(criterion["fact"], str):
        raise MalformedCriterion(f"{where}.fact: {criterion['fact']!r} is no name of a fact.")
    if not isinstance(criterion["op"], str) or criterion["op"] not in OPERATORS:
        raise MalformedCriterion(f"{where}.op: {criterion['op']!r} is none of {', '.join(OPERATORS)}.")
    days = criterion.get("max_age_days")
    if days is not None and (type(days) not in (int, float) or not 0 <= days <= MOST_DAYS):
        raise MalformedCriterion(f"{where}.max_age_days: {days!r} is no number of days up to {MOST_DAYS:,}.")


def leaves(criterion: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every comparison of an expression that follows the grammar, in the order written."""
    for branch in BRANCHES & set(criterion):
        for part in [criterion["not"]] if branch == "not" else criterion[branch]:
            yield from leaves(part)
    if "fact" in criterion:
        yield criterion


def evaluate(criterion: Mapping[str, Any], source: Source, now: datetime) -> Outcome:
    """Return the outcome in Kleene's three values: what is not known never counts as true."""
    for branch, otherwise in (("all", "All of these hold."), ("any", "At least one of these holds.")):
        if branch in criterion:
            parts = tuple(evaluate(part, source, now) for part in criterion[branch])
            holds = JOINS[branch]([part.holds for part in parts])
            return _branch(branch, holds, criterion.get("says", otherwise), parts)
    if "not" in criterion:
        part = evaluate(criterion["not"], source, now)
        holds = None if part.holds is None else not part.holds
        return _branch("not", holds, criterion.get("says", f"Not: {part.says}"), (part,))
    return _leaf(criterion, source, now)


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


JOINS = {"all": _all, "any": _any}


def _branch(branch: str, holds: bool | None, says: str, parts: tuple[Outcome, ...]) -> Outcome:
    moments = [part.lapses_at for part in parts if part.lapses_at]
    stale = holds is None and any(part.stale for part in parts)
    return Outcome(holds, says, parts, branch, stale=stale, lapses_at=min(moments, default=None))


def _leaf(leaf: Mapping[str, Any], source: Source, now: datetime) -> Outcome:
    reading = source.read(leaf)
    name = leaf.get("says") or leaf["fact"]
    compare, words = OPERATORS[leaf["op"]]
    unit = unit_of(leaf["fact"])
    if reading is None or reading.value is None:
        return Outcome(None, f"{name}: nothing is known yet.", leaf=leaf)
    if reading.valid_until and reading.valid_until <= now:
        says = f"{name}: lapsed on {reading.valid_until:%-d %b %Y}."
        return Outcome(None, says, leaf=leaf, found=reading.value, stale=True)
    ends = [reading.valid_until] if reading.valid_until else []
    allowed = allowed_age(leaf)
    if allowed is not None and reading.observed_at:
        if now - reading.observed_at > allowed:
            says = f"{name}: last seen {span(now - reading.observed_at)} ago, at most {span(allowed)} allowed."
            return Outcome(None, says, leaf=leaf, found=reading.value, stale=True)
        ends.append(reading.observed_at + allowed)
    holds = bool(compare(reading.value, leaf["value"]))
    says = f"{name}: {say(reading.value, unit)}; passes when it {words} {say(leaf['value'], unit)}."
    return Outcome(holds, says, leaf=leaf, found=reading.value, lapses_at=min(ends, default=None))


def allowed_age(leaf: Mapping[str, Any]) -> timedelta | None:
    """Return how old a statement may be: as the criterion says, else as long as its kind stays fresh."""
    days = leaf.get("max_age_days")
    return timedelta(days=days) if days is not None else fresh_for(leaf["fact"])


def span(length: timedelta) -> str:
    """Say how long something lasts, in hours below a day: "7 days"."""
    hours = round(length / timedelta(hours=1))
    number, word = (hours // 24, "day") if hours >= 24 else (hours, "hour")
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def say(value: Any, unit: str = "") -> str:
    """Say a value as people read it: yes or no, a share in percent, a list with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "share" and isinstance(value, (int, float)):
        return f"{100 * value:.4g} %"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
