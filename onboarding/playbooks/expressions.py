"""Conditions of items and criteria of gates: `all`, `any`, `not` over leaves that compare a fact.

The grammar is that of `facts.criteria`, which evaluates it; here a playbook's author is told, before anything
runs, that a fact exists, takes this operator and has a value of this type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from facts.criteria import OPERATORS
from facts.kinds import every
from onboarding.playbooks.reading import Table

Scalar = str | int | float | bool

# What an item's condition may ask about, and the type of the answer.
CONDITION_FACTS: dict[str, type] = {
    "site.kind": str,
    "site.ehr": str,
    "site.serves_minors": bool,
    "site.country": str,
    "site.region": str,
    "site.rural": bool,
    "organization.country": str,
    "organization.kind": str,
    "tool.substance_use_data": bool,
    "tool.generative_ai": bool,
    "tool.regulated_device": bool,
    "tool.ehr_launched": bool,
}

# What a gate counts itself. The first two count checklist items and take `stages`; the third may take `roles`.
COUNTED_FACTS: dict[str, type] = {
    "items.blocking_open": int,
    "items.conditional_open": int,
    "team.vacant_roles": int,
}
COMPARED = (int, float, bool, str)


def criterion_facts() -> dict[str, type]:
    """Return what a gate may read, with the type of each value: its own counts, and every fact stated about a deployment.

    Never money: whoever sees a gate would read it.
    """
    stated = (one for one in every() if one.subject == "deployment" and not one.private and one.value_type in COMPARED)
    return COUNTED_FACTS | {one.name: one.value_type for one in stated}


# What a roll-back trigger may watch during the cut-over.
TRIGGER_FACTS: dict[str, type] = {
    "cutover.safety_events": int,
    "cutover.wrong_patient_results": int,
    "cutover.crisis_alerts_undelivered": int,
    "cutover.message_failure_share": float,
    "cutover.sign_in_failure_share": float,
}
TRIGGER_OPERATORS = ("ge", "gt")
"""How a trigger compares its one figure with its limit: it counts since when the figure has been beyond it."""


@dataclass(frozen=True)
class Leaf:
    """One comparison: the fact, the operator, the value, and in plain words what it asks for."""

    fact: str
    op: str
    value: Scalar | tuple[Scalar, ...]
    says: str = ""
    max_age_days: int | None = None
    stages: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Give the leaf as it would be written in the file."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        data: dict[str, Any] = {"fact": self.fact, "op": self.op, "value": value}
        if self.says:
            data["says"] = self.says
        if self.max_age_days is not None:
            data["max_age_days"] = self.max_age_days
        if self.stages:
            data["stages"] = list(self.stages)
        if self.roles:
            data["roles"] = list(self.roles)
        return data

    def leaves(self) -> Iterator["Leaf"]:
        """Give this leaf."""
        yield self


@dataclass(frozen=True)
class Group:
    """`all` or `any` of several expressions, or `not` of one."""

    kind: str
    parts: tuple["Expression", ...]
    says: str = ""

    def as_data(self) -> dict[str, Any]:
        """Give the group as it would be written in the file."""
        inner = [part.as_data() for part in self.parts]
        data: dict[str, Any] = {self.kind: inner[0] if self.kind == "not" else inner}
        if self.says:
            data["says"] = self.says
        return data

    def leaves(self) -> Iterator[Leaf]:
        """Give every leaf below, in the order written."""
        for part in self.parts:
            yield from part.leaves()


Expression = Leaf | Group


def read_expression(table: Table, name: str, facts: dict[str, type], *, says: bool) -> Expression | None:
    """Read the expression in the field `name`; with `says`, every leaf must explain itself in plain words."""
    raw = table.take(name)
    if raw is None:
        return None
    return _read(raw, table, name, facts, says=says)


def _read(raw: Any, table: Table, place: str, facts: dict[str, type], *, says: bool) -> Expression | None:
    if not isinstance(raw, dict):
        table.wrong(place, f"must be a mapping with all, any, not or fact, not {raw!r}", shape=True)
        return None
    kinds = [kind for kind in ("all", "any", "not", "fact") if kind in raw]
    if len(kinds) != 1:
        table.wrong(place, "must have exactly one of all, any, not, fact")
        return None
    if kinds[0] == "fact":
        return _read_leaf(raw, table, place, facts, says=says)
    kind = kinds[0]
    for key in raw:
        if key not in (kind, "says"):
            table.wrong(f"{place}.{key}", "unknown key")
    inner = raw[kind] if kind != "not" else [raw[kind]]
    if not isinstance(inner, list) or not inner:
        table.wrong(f"{place}.{kind}", "must be a list of at least one expression", shape=True)
        return None

    def at(number: int) -> str:
        return f"{place}.not" if kind == "not" else f"{place}.{kind}[{number}]"

    parts = [_read(part, table, at(number), facts, says=says) for number, part in enumerate(inner)]
    return Group(kind, tuple(part for part in parts if part is not None), str(raw.get("says", "")).strip())


def _read_leaf(raw: dict[str, Any], table: Table, place: str, facts: dict[str, type], *, says: bool) -> Leaf | None:
    leaf = Table(raw, table.file, table.subject, [])
    fact, op, value = leaf.text("fact"), leaf.text("op"), leaf.take("value")
    text = leaf.text("says", required=says)
    age = leaf.optional_integer("max_age_days", least=0)
    stages = leaf.integers("stages", required=fact.startswith("items."))
    roles = leaf.texts("roles")
    leaf.done()
    before = len(table.problems)
    for problem in leaf.problems:
        table.wrong(f"{place}.{problem.field}", problem.message, shape=problem.shape)
    if stages and not fact.startswith("items."):
        table.wrong(f"{place}.stages", f"'{fact}' does not count items of stages")
    if roles and fact != "team.vacant_roles":
        table.wrong(f"{place}.roles", f"'{fact}' does not count roles")
    if fact and fact not in facts:
        table.wrong(f"{place}.fact", f"unknown fact '{fact}'")
    elif op and op not in OPERATORS:
        table.wrong(f"{place}.op", f"'{op}' is not one of {', '.join(OPERATORS)}")
    elif fact and op and value is not None:
        check_value(value, op, facts[fact], lambda message: table.wrong(f"{place}.value", message))
    if len(table.problems) > before:
        return None
    return Leaf(fact, op, tuple(value) if isinstance(value, list) else value, text, age, stages, roles)


def check_value(value: Any, op: str, wanted: type, wrong: Callable[[str], object]) -> None:
    """Call `wrong` with what is wrong about a value: its kind, one value or several, an order where there is none."""
    if op == "in":
        if not isinstance(value, list) or not value:
            wrong("'in' needs a list of at least one value")
            return
    elif isinstance(value, list):
        wrong(f"'{op}' compares with one value, not a list")
        return
    elif op not in ("eq", "ne") and wanted in (str, bool):
        wrong(f"'{op}' compares numbers, this fact is {_named(wanted)}")
        return
    for one in value if isinstance(value, list) else [value]:
        fits = isinstance(one, int | float) and not isinstance(one, bool) if wanted is float else type(one) is wanted
        if not fits:
            wrong(f"{one!r} is not {_named(wanted)}")


def _named(wanted: type) -> str:
    return {str: "text", bool: "true or false", int: "a whole number", float: "a number"}[wanted]
