"""Criteria are told as they are grouped: nothing that must not hold reads as if it had to."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from facts.criteria import OPERATORS
from facts.telling import OPPOSITE, Told, tell
from facts.tests.test_criteria import ANY

A = {"fact": "a", "op": "ge", "value": 3, "says": "Superusers"}
B = {"fact": "b", "op": "eq", "value": True, "says": "A deputy is named"}


def outline(told: Told, depth: int = 0) -> list[str]:
    """Return what is told line by line, deeper parts further in."""
    line = ": ".join(filter(None, (told.says, told.asks)))
    return ["  " * depth + line, *(below for part in told.parts for below in outline(part, depth + 1))]


SUPERUSERS, DEPUTY = "Superusers: Holds when it is at least 3", "A deputy is named: Holds when it is yes"


@pytest.mark.parametrize(
    ("criterion", "lines"),
    [
        (A, [SUPERUSERS]),
        ({"not": A}, ["Superusers: Holds when it is less than 3"]),
        ({"not": {"not": A}}, [SUPERUSERS]),
        ({"not": {**A, "op": "in", "value": [1, 2]}}, ["Superusers: Holds when it is none of 1, 2"]),
        ({"all": [A]}, [SUPERUSERS]),
        ({"all": [A, B]}, ["All of these hold", f"  {SUPERUSERS}", f"  {DEPUTY}"]),
        (
            {"all": [A, {"any": [B, {"not": B}]}]},
            [
                "All of these hold",
                f"  {SUPERUSERS}",
                "  At least one of these holds",
                f"    {DEPUTY}",
                "    A deputy is named: Holds when it is not yes",
            ],
        ),
        ({"not": {"any": [A, B]}}, ["None of these holds", f"  {SUPERUSERS}", f"  {DEPUTY}"]),
        ({"not": {"all": [A, B]}}, ["At least one of these does not hold", f"  {SUPERUSERS}", f"  {DEPUTY}"]),
        (
            {"any": [A, B], "says": "Somebody helps."},
            ["Somebody helps: At least one of these holds", f"  {SUPERUSERS}", f"  {DEPUTY}"],
        ),
        (
            {"not": {"any": [A, B], "says": "Somebody helps."}},
            ["Not: Somebody helps: None of these holds", f"  {SUPERUSERS}", f"  {DEPUTY}"],
        ),
        (
            {"not": A, "says": "Few superusers"},
            ["Few superusers: This holds", "  Superusers: Holds when it is less than 3"],
        ),
    ],
)
def test_each_group_is_told_as_it_is_joined(criterion: Mapping[str, Any], lines: list[str]) -> None:
    assert outline(tell(criterion, {})) == lines


def test_a_comparison_says_its_unit_which_figure_and_how_old_it_may_be() -> None:
    told = tell({"fact": "training.coverage", "op": "ge", "value": 0.95, "max_age_days": 7}, {})
    assert told.says.startswith("Share of required, active learners")
    assert told.asks == "Holds when it is at least 95 %, known for at most 7 days"
    assert told.name == "training.coverage"
    counted = tell({"fact": "items.blocking_open", "op": "eq", "value": 0, "stages": [1, 2]}, {})
    assert (counted.says, counted.asks) == ("items.blocking_open", "Holds when it is 0, stages 1, 2")
    paper = {"fact": "paper.state", "control": "hipaa/baa", "op": "eq", "value": "in force", "for_days": 30}
    assert tell(paper, {"hipaa/baa": "Agreement"}) == Told(
        "Agreement", "Holds when it is in force, for 30 more days", "hipaa/baa"
    )


def test_opposites_are_opposites() -> None:
    for op, other in OPPOSITE.items():
        for found in (1, 2, 3):
            assert OPERATORS[op][0](found, 2) is not OPERATORS[other][0](found, 2)


def holds(told: Told, known: Mapping[str, bool]) -> bool:
    """Take what is told at its word."""
    if not told.parts:
        return known[told.name] is (told.asks.split(",")[0] == "Holds when it is yes")
    parts = [holds(part, known) for part in told.parts]
    return {
        "All of these hold": all(parts),
        "At least one of these holds": any(parts),
        "At least one of these does not hold": not all(parts),
        "None of these holds": not any(parts),
    }[told.asks]


def model(criterion: Mapping[str, Any], known: Mapping[str, bool]) -> bool:
    if "not" in criterion:
        return not model(criterion["not"], known)
    if "fact" in criterion:
        return known[criterion["fact"]]
    join, parts = (all, criterion["all"]) if "all" in criterion else (any, criterion["any"])
    return join(model(part, known) for part in parts)


@given(ANY)
def test_what_is_told_has_the_meaning_of_the_expression(criterion: Any) -> None:
    for number in range(16):
        known = {name: bool(number >> place & 1) for place, name in enumerate("abcd")}
        assert holds(tell(criterion, {}), known) is model(criterion, known)
