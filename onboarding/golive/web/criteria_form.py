"""A gate's criteria as a form: the expression is read from its fields, changed by one button at a time, and written back.

Nothing is kept between two requests: every field of every node travels in the form, named by the node's place ("r" is the
root, "r.0" its first part), so that it works without script and two people never share a half-made expression.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from facts.criteria import OPERATORS
from facts.kinds import find as find_kind
from facts.kinds import fresh_for, unit_of
from onboarding.golive.readings import COUNTED, OWN_WORDS, VACANT
from onboarding.playbooks.expressions import criterion_facts
from web.formats import plural

ROOT = "r"
JOINS = {"all": "All of these hold", "any": "At least one of these holds", "not": "This does not hold"}
SAID = {"yes": True, "true": True, "no": False, "false": False}
SAME = ("eq", "ne")
DEEPEST = 4
MOST = 60
"""Nodes of one expression: more than that nobody reads."""


class TooLarge(ValueError):
    """The form holds more than an expression may have."""


@dataclass
class Node:
    """A comparison, or a join of several; as its fields have it, right or wrong."""

    kind: str = "fact"
    parts: list["Node"] = field(default_factory=list)
    fact: str = "items.blocking_open"
    op: str = "eq"
    value: str = "0"
    age: str = ""
    says: str = ""
    stages: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    mistake: str = ""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Node":
        """Return the node of an expression in the file format."""
        for kind in JOINS:
            if kind in plain:
                inner = [plain["not"]] if kind == "not" else plain[kind]
                return cls(kind=kind, parts=[cls.of(one) for one in inner], says=str(plain.get("says") or ""))
        value = plain.get("value")
        share = unit_of(str(plain.get("fact"))) == "share"
        return cls(
            fact=str(plain.get("fact") or ""),
            op=str(plain.get("op") or "eq"),
            value=f"{100 * value:.10g}" if share and isinstance(value, (int, float)) else _written(value),
            age="" if plain.get("max_age_days") is None else str(plain["max_age_days"]),
            says=str(plain.get("says") or ""),
            stages=[str(one) for one in plain.get("stages") or []],
            roles=[str(one) for one in plain.get("roles") or []],
        )

    @classmethod
    def read(cls, data: QueryDict, place: str = ROOT) -> "Node":
        """Return the node that a form's fields describe; raise TooLarge for a form that nobody filled in by hand."""
        if place.count(".") > DEEPEST + 1:
            raise TooLarge
        kind = data.get(f"{place}:kind", "fact")
        if kind in JOINS:
            size = data.get(f"{place}:size", "0")
            count = int(size) if size.isdecimal() and len(size) < 4 else 0
            if count > MOST:
                raise TooLarge
            parts = [cls.read(data, f"{place}.{number}") for number in range(count)]
            return cls(kind=kind, parts=parts, says=data.get(f"{place}:says", "").strip())
        node = cls(stages=data.getlist(f"{place}:stages")[:MOST], roles=data.getlist(f"{place}:roles")[:MOST])
        for name in ("fact", "op", "value", "age", "says"):
            setattr(node, name, data.get(f"{place}:{name}", "").strip()[:300])
        return node

    def plain(self) -> dict[str, Any]:
        """Return it in the file format as far as it can be read; what cannot is noted on the node."""
        if self.kind in JOINS:
            if not self.parts:
                self.mistake = "Add a criterion, or remove this."
            inner = [part.plain() for part in self.parts]
            found: dict[str, Any] = {self.kind: (inner[0] if inner else {}) if self.kind == "not" else inner}
            return {**found, **({"says": self.says} if self.says else {})}
        found = {"fact": self.fact}
        if self.counts_items:
            found["stages"] = [int(one) for one in self.stages if one.isdecimal()]
        if self.fact == VACANT and self.roles:
            found["roles"] = self.roles
        found |= {"op": self.op, "value": self._value()}
        if self.age:
            found["max_age_days"] = int(self.age) if self.age.isdecimal() else self.age
        found["says"] = self.says
        self._check()
        return found

    def mistakes(self) -> list["Node"]:
        """Return the nodes with something to correct."""
        return [node for _, node in self.walk() if node.mistake]

    def walk(self, place: str = ROOT) -> Iterator[tuple[str, "Node"]]:
        """Give every node with its place, this one first."""
        yield place, self
        for number, part in enumerate(self.parts):
            yield from part.walk(f"{place}.{number}")

    @property
    def counts_items(self) -> bool:
        """Whether it asks for stages."""
        return self.fact in COUNTED

    @property
    def value_type(self) -> type:
        """What its value must be."""
        return criterion_facts().get(self.fact, int)

    @property
    def unit(self) -> str:
        """What stands behind the value's field."""
        if self.value_type is bool:
            return "yes or no"
        unit = unit_of(self.fact)
        return "percent" if unit == "share" else unit

    @property
    def freshness(self) -> str:
        """How old a statement may be if nothing is said."""
        length = fresh_for(self.fact)
        if self.fact in OWN_WORDS or length is None:
            return "Counted now; it has no age."
        return f"Empty: {plural(max(1, round(length.total_seconds() / 86400)), 'day')}, as long as it stays fresh."

    def _value(self) -> Any:
        if self.op == "in":
            return [one.strip() for one in self.value.split(",") if one.strip()]
        if self.value_type is bool:
            if self.value.casefold() not in SAID:
                self.mistake = "Say yes or no."
            return SAID.get(self.value.casefold(), self.value)
        try:
            number = float(self.value.replace(",", "."))
        except ValueError:
            self.mistake = "Give a number to compare with."
            return self.value
        if self.unit == "percent":
            return round(number / 100, 6)
        return int(number) if self.value_type is int and number.is_integer() else number

    def _check(self) -> None:
        if self.mistake:
            return
        if self.fact not in criterion_facts():
            self.mistake = "Choose a fact."
        elif self.op not in OPERATORS:
            self.mistake = "Choose how it is compared."
        elif self.value_type is bool and self.op not in SAME:
            self.mistake = "Yes and no are compared by “is” or “is not”."
        elif self.counts_items and not self.stages:
            self.mistake = "Tick the stages whose items count."
        elif not self.says:
            self.mistake = "Say in a few words what the figure is."
        elif self.age and not self.age.isdecimal():
            self.mistake = "Give the age in whole days."


def act(root: Node, do: str) -> Node:
    """Return the expression after a button was pressed: "add:r", "any:r.1", "remove:r.0", "up:r.1", "down:r.1"."""
    verb, _, place = do.partition(":")
    places = dict(root.walk())
    node = places.get(place)
    if node is None:
        return root
    if verb in ("add", *JOINS) and node.kind in JOINS:
        _add(node, verb, len(places), place.count("."))
    elif place != ROOT:
        above, number = places[place.rpartition(".")[0]], int(place.rpartition(".")[2])
        _move(above.parts, verb, number)
    elif verb == "wrap":
        return Node(kind="all", parts=[root])
    return root


def facts() -> list[tuple[str, str]]:
    """Return what a gate may read, with its words."""
    return [(name, OWN_WORDS.get(name) or find_kind(name).says) for name in criterion_facts()]


def comparisons(node: Node) -> list[tuple[str, str]]:
    """Return the ways in which a node's fact may be compared."""
    offered = SAME if node.value_type is bool else [op for op in OPERATORS if op != "in" or node.op == "in"]
    return [(op, OPERATORS[op][1]) for op in offered]


def _add(node: Node, verb: str, known: int, depth: int) -> None:
    if known >= MOST or (node.kind == "not" and node.parts):
        return
    if verb == "add":
        node.parts.append(Node())
    elif depth < DEEPEST:
        node.parts.append(Node(kind=verb, parts=[Node()]))


def _move(parts: list[Node], verb: str, number: int) -> None:
    if verb == "remove":
        del parts[number]
    other = number + {"up": -1, "down": 1}.get(verb, 0)
    if verb in ("up", "down") and 0 <= other < len(parts):
        parts[number], parts[other] = parts[other], parts[number]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else f"{value}"
