"""Criteria in words, grouped as they are: what would have to hold, before anything is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facts.criteria import OPERATORS, allowed_age, say, span
from facts.kinds import UnknownKind, find, unit_of

OPPOSITE = {"eq": "ne", "ne": "eq", "ge": "lt", "lt": "ge", "gt": "le", "le": "gt"}
RULES = {
    ("all", True): "All of these hold",
    ("any", True): "At least one of these holds",
    ("all", False): "At least one of these does not hold",
    ("any", False): "None of these holds",
}
TOGETHER = "This holds"
SELECTORS = ("fact", "op", "value", "says", "max_age_days", "for_days")
"""What a comparison says in words of its own; any other key selects which figure is meant."""


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison, or several that are joined."""

    says: str
    """What it is about; empty where the author gave a group no words."""
    asks: str
    """When it holds: "Holds when it is at least 95 %", or how the parts are joined."""
    name: str = ""
    """The fact, or the paper, as the API names it; empty for a group."""
    parts: tuple["Told", ...] = ()


def tell(criterion: Mapping[str, Any], names: Mapping[str, str], *, wanted: bool = True) -> Told:
    """Say what an expression that follows the grammar asks for; with `wanted` false, what its opposite asks for.

    A `not` is never left out: a comparison below it is told as the opposite one, a group by what must not hold. `names` are
    the words for counts and papers, which no kind of fact declares.
    """
    said = _said(criterion, wanted)
    if "not" in criterion:
        inner = tell(criterion["not"], names, wanted=not wanted)
        return Told(said, TOGETHER, parts=(inner,)) if said else inner
    for branch in ("all", "any"):
        if branch in criterion:
            inside = criterion[branch]
            if len(inside) == 1 and not said:
                return tell(inside[0], names, wanted=wanted)
            return Told(said, RULES[branch, wanted], parts=tuple(tell(part, names) for part in inside))
    return _leaf(criterion, names, wanted)


def _said(group: Mapping[str, Any], wanted: bool) -> str:
    text = str(group.get("says", "")).strip().rstrip(".")
    return text if wanted or not text else f"Not: {text}"


def _leaf(leaf: Mapping[str, Any], names: Mapping[str, str], wanted: bool) -> Told:
    name, op = leaf["fact"], leaf["op"]
    words = OPERATORS[op][1] if wanted else "is none of" if op == "in" else OPERATORS[OPPOSITE[op]][1]
    asked = f"Holds when it {words} {say(leaf['value'], unit_of(name))}"
    if days := leaf.get("for_days"):
        asked += f", for {days} more {'day' if days == 1 else 'days'}"
    for key in sorted(leaf.keys() - {*SELECTORS, "control"}):
        asked += f", {key.replace('_', ' ')} {say(leaf[key])}"
    if (allowed := allowed_age(leaf)) is not None:
        asked += f", known for at most {span(allowed)}"
    key = str(leaf.get("control") or name)
    return Told(str(leaf.get("says") or names.get(key) or _stated(name)), asked, key)


def _stated(name: str) -> str:
    try:
        return find(name).says
    except UnknownKind:
        return name
