"""Criteria: boolean expressions over facts, evaluated in three values, with a sentence for every outcome.

Grammar (JSON or YAML): `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, or a leaf
`{"fact": kind, "op": eq|ne|ge|le|gt|lt|in, "value": v, "max_age_days": n?, "says": text?, ...}`.
Further keys of a leaf (`stages`, `gate`, ...) select which figure of that kind is meant; see `Reading`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from facts.kinds import unit_of

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


class MalformedCriterion(ValueError):
    """A criterion does not follow the grammar; the message names the place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A fact as a criterion sees it."""

    value: Any
    observed_at: datetime | None = None
    valid_until: datetime | None = None
    link: str = ""


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
    fact: str = ""
    found: Any = None
    link: str = ""

    def failing(self) -> list["Outcome"]:
        """Return the leaves that keep this from being true."""
        if self.holds:
            return []
        if not self.parts:
            return [self]
        return [leaf for part in self.parts for leaf in part.failing()]


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
    if criterion["op"] not in OPERATORS:
        raise MalformedCriterion(f"{where}.op: {criterion['op']!r} is none of {', '.join(OPERATORS)}.")


def evaluate(criterion: Mapping[str, Any], source: Source, now: datetime) -> Outcome:
    """Return the outcome in Kleene's three values: what is not known never counts as true."""
    if "all" in criterion:
        parts = tuple(evaluate(part, source, now) for part in criterion["all"])
        holds = False if any(p.holds is False for p in parts) else None if any(p.holds is None for p in parts) else True
        return Outcome(holds, criterion.get("says", "All of these hold."), parts)
    if "any" in criterion:
        parts = tuple(evaluate(part, source, now) for part in criterion["any"])
        holds = True if any(p.holds for p in parts) else None if any(p.holds is None for p in parts) else False
        return Outcome(holds, criterion.get("says", "At least one of these holds."), parts)
    if "not" in criterion:
        part = evaluate(criterion["not"], source, now)
        return Outcome(
            None if part.holds is None else not part.holds,
            criterion.get("says", f"Not: {part.says}"),
            (part,) if part.holds is None else (),
        )
    return _leaf(criterion, source, now)


def _leaf(leaf: Mapping[str, Any], source: Source, now: datetime) -> Outcome:
    reading = source.read(leaf)
    name = leaf.get("says") or leaf["fact"]
    compare, words = OPERATORS[leaf["op"]]
    unit = unit_of(leaf["fact"])
    if reading is None or reading.value is None:
        return Outcome(None, f"{name}: nothing is known yet.", fact=leaf["fact"], link=reading.link if reading else "")
    if reading.valid_until and reading.valid_until <= now:
        return Outcome(
            None,
            f"{name}: lapsed on {reading.valid_until:%-d %b %Y}.",
            fact=leaf["fact"],
            found=reading.value,
            link=reading.link,
        )
    age = leaf.get("max_age_days")
    if age is not None and reading.observed_at and now - reading.observed_at > timedelta(days=age):
        days = (now - reading.observed_at).days
        return Outcome(
            None,
            f"{name}: last seen {days} days ago, at most {age} allowed.",
            fact=leaf["fact"],
            found=reading.value,
            link=reading.link,
        )
    holds = bool(compare(reading.value, leaf["value"]))
    return Outcome(
        holds,
        f"{name}: {_say(reading.value, unit)}; passes when it {words} {_say(leaf['value'], unit)}.",
        fact=leaf["fact"],
        found=reading.value,
        link=reading.link,
    )


def _say(value: Any, unit: str = "") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "share" and isinstance(value, (int, float)):
        return f"{100 * value:.4g} %"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
