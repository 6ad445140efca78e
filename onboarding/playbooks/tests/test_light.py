"""The playbook for small sites: shorter, and never lighter where safety and privacy are concerned."""

import pytest

from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.expressions import Expression
from onboarding.playbooks.library import library

PROTECTS = {"safety", "privacy"}
MINIMUM_GATES = {"G1", "G2", "G6", "G8", "G9"}


@pytest.fixture(scope="module")
def light() -> PlaybookDocument:
    return next(one for one in library() if one.key == "behavioral-health-light")


def asked(criteria: Expression) -> set[tuple[str, str, object, object]]:
    return {(leaf.fact, leaf.op, leaf.value, leaf.stages) for leaf in criteria.leaves()}


def test_it_has_about_forty_five_items_in_the_same_stages_and_no_warning(
    light: PlaybookDocument, starter: PlaybookDocument
) -> None:
    assert len(light.items) == 46
    assert [one.key for one in light.stages] == [one.key for one in starter.stages]
    assert light.warnings == ()
    assert sum(one.effort_hours for one in light.items) < 100
    assert all(one.light and len(one.guidance) > 150 for one in light.items)


def test_its_items_are_those_of_the_starter_so_that_sites_can_be_compared(
    light: PlaybookDocument, starter: PlaybookDocument
) -> None:
    numbers = {one.key: one.number for one in starter.items}
    assert {one.key: one.number for one in light.items}.items() <= numbers.items()
    shorter = {one.key: one.guidance for one in starter.items}
    assert all(one.guidance != shorter[one.key] for one in light.items)


def test_every_safety_and_privacy_item_is_there_and_holds_its_gate_as_hard(
    light: PlaybookDocument, starter: PlaybookDocument
) -> None:
    here = {one.key: one for one in light.items}
    for item in starter.items:
        if PROTECTS & set(item.tags) and item.light:
            assert here[item.key].gate_class == item.gate_class, item.key
            assert here[item.key].evidence == item.evidence, item.key
            assert here[item.key].condition == item.condition, item.key


def test_the_minimum_gates_are_signed_and_ask_what_the_full_ones_ask(
    light: PlaybookDocument, starter: PlaybookDocument
) -> None:
    gates = {one.key: one for one in starter.gates}
    assert {one.key for one in light.gates if one.kind == "signed"} == MINIMUM_GATES
    for gate in light.gates:
        assert asked(gate.criteria) == asked(gates[gate.key].criteria), gate.key
    panels = {one.key: set(one.panel) for one in light.gates}
    assert {"PRV", "SEC", "CSO"} <= panels["G2"]
    assert {"CSO", "SEC"} <= panels["G6"]
    assert {"CSO"} <= panels["G8"]


def test_every_safety_and_privacy_item_of_the_starter_is_in_its_light_track(starter: PlaybookDocument) -> None:
    assert all(one.light for one in starter.items if PROTECTS & set(one.tags))
