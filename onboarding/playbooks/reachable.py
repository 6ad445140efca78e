"""Whether a condition can ever hold, and if not, which parts of it contradict each other.

A condition compares a few facts with a few values, so every situation that it can tell apart can be tried: each fact
takes every value that is mentioned, one that is not mentioned, and for yes/no facts both.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from onboarding.playbooks.expressions import CONDITION_FACTS, Expression, Group, Leaf, Scalar
from onboarding.playbooks.likeness import alike
from tenancy.models import Organization, Site

OTHER = "\0"
"""Stands for any value that the condition does not mention."""
CLOSED: dict[str, list[tuple[str, Any]]] = {
    "site.kind": Site.Kind.choices,
    "organization.kind": Organization.Kind.choices,
}
"""Facts whose values are a closed list, with their names: what is not on it can never be read."""
MOST_SITUATIONS = 200_000


def contradiction(condition: Expression) -> str | None:
    """Return why the condition can never hold, naming the place; None where some site could meet it.

    A condition over so many values that they cannot all be tried passes.
    """
    if _can_hold(condition):
        return None
    place, culprit = _smallest(condition, "condition")
    if isinstance(culprit, Group) and culprit.kind == "all":
        for size in range(2, len(culprit.parts) + 1):
            for chosen in combinations(range(len(culprit.parts)), size):
                if not _can_hold(Group("all", tuple(culprit.parts[n] for n in chosen))):
                    named = " and ".join(f"{place}.all[{n}] ({words(culprit.parts[n])})" for n in chosen)
                    return f"never holds: {named} exclude each other"
    return f"never holds: {place} ({words(culprit)})"


def words(expression: Expression) -> str:
    """Say an expression in words."""
    if isinstance(expression, Leaf):
        values = expression.value if isinstance(expression.value, tuple) else (expression.value,)
        said = " or ".join("yes" if one is True else "no" if one is False else str(one) for one in values)
        return f"{expression.fact} is {'not ' if expression.op == 'ne' else ''}{said}"
    if expression.kind == "not":
        return f"not {words(expression.parts[0])}"
    return f" {'and' if expression.kind == 'all' else 'or'} ".join(words(part) for part in expression.parts)


def _smallest(expression: Expression, place: str) -> tuple[str, Expression]:
    """Return the innermost part that makes the whole impossible, and its place."""
    if isinstance(expression, Group) and expression.kind == "all":
        for number, part in enumerate(expression.parts):
            if not _can_hold(part):
                return _smallest(part, f"{place}.all[{number}]")
    return place, expression


def _can_hold(expression: Expression) -> bool:
    situations = _situations(expression)
    return situations is None or any(_holds(expression, one) for one in situations)


def _situations(expression: Expression) -> Iterator[Mapping[str, Scalar]] | None:
    values: dict[str, set[Scalar]] = {}
    for leaf in expression.leaves():
        mentioned = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        values.setdefault(leaf.fact, set()).update(mentioned)
    for fact, found in values.items():
        if CONDITION_FACTS[fact] is bool:
            values[fact] = {True, False}
        elif fact in CLOSED:
            values[fact] = {value for value, _ in CLOSED[fact]}
        else:
            found.add(OTHER)
    count = 1
    for one in values.values():
        count *= len(one)
    if count > MOST_SITUATIONS:
        return None
    return (dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))


def _holds(expression: Expression, situation: Mapping[str, Scalar]) -> bool:
    if isinstance(expression, Leaf):
        found = situation[expression.fact]
        asked = expression.value if isinstance(expression.value, tuple) else (expression.value,)
        same = any(_same(expression.fact, found, one) for one in asked)
        return not same if expression.op == "ne" else same
    if not expression.parts:
        return True  # what could not be read is told elsewhere
    if expression.kind == "not":
        return not _holds(expression.parts[0], situation)
    every = (_holds(part, situation) for part in expression.parts)
    return all(every) if expression.kind == "all" else any(every)


def _same(fact: str, found: Scalar, wanted: Scalar) -> bool:
    if isinstance(found, str) and isinstance(wanted, str) and found != OTHER:
        return alike(fact, found, wanted)
    return found == wanted
