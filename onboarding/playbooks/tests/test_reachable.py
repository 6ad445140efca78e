"""Conditions that no site can ever meet are found, and the parts that contradict each other named."""

from typing import Any

import pytest

from onboarding.playbooks.expressions import CONDITION_FACTS, read_expression
from onboarding.playbooks.reachable import contradiction
from onboarding.playbooks.reading import Table


def school(value: str = "school") -> dict[str, Any]:
    return {"fact": "site.kind", "op": "eq", "value": value}


AI = {"fact": "tool.generative_ai", "op": "eq", "value": True}


EPIC = {"fact": "site.ehr", "op": "eq", "value": "Epic"}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (school(), None),
        ({"any": [school(), school("hospital")]}, None),
        ({"all": [school(), AI]}, None),
        ({"fact": "site.kind", "op": "ne", "value": "school"}, None),
        ({"fact": "site.ehr", "op": "eq", "value": "Epic"}, None),
        ({"all": [EPIC, {"fact": "site.ehr", "op": "eq", "value": "EPIC Hyperspace"}]}, None),
        (
            {"all": [EPIC, {"fact": "site.ehr", "op": "ne", "value": "EPIC"}]},
            "never holds: condition.all[0] (site.ehr is Epic) and condition.all[1] (site.ehr is not EPIC) exclude each other",
        ),
        ({"all": [{"fact": "site.ehr", "op": "ne", "value": "Epic"}, {"not": AI}]}, None),
        (school("castle"), "never holds: condition (site.kind is castle)"),
        (
            {"all": [AI, school(), school("hospital")]},
            "never holds: condition.all[1] (site.kind is school) and condition.all[2] (site.kind is hospital) exclude each other",
        ),
        (
            {"all": [school(), {"all": [AI, {"not": AI}]}]},
            (
                "never holds: condition.all[1].all[0] (tool.generative_ai is yes) and "
                "condition.all[1].all[1] (not tool.generative_ai is yes) exclude each other"
            ),
        ),
        (
            {"all": [school(), {"any": [school("clinic"), school("fqhc")]}]},
            (
                "never holds: condition.all[0] (site.kind is school) and "
                "condition.all[1] (site.kind is clinic or site.kind is fqhc) exclude each other"
            ),
        ),
    ],
)
def test_a_condition_is_reachable_or_its_contradiction_named(condition: dict[str, Any], why: str | None) -> None:
    problems: list[Any] = []
    read = read_expression(Table({"condition": condition}, "", "", problems), "condition", CONDITION_FACTS, says=False)

    assert problems == []
    assert read is not None
    assert contradiction(read) == why
