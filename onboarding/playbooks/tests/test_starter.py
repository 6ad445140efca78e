"""The starter playbook keeps what it promises."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from facts.criteria import Reading, check, evaluate
from onboarding.playbooks.document import STARTER, PlaybookDocument, load


@pytest.fixture(scope="module")
def starter() -> PlaybookDocument:
    return load(STARTER)


def test_it_has_102_items_numbered_without_a_hole(starter: PlaybookDocument) -> None:
    assert [item.number for item in starter.items] == list(range(1, 103))
    assert Counter(item.stage for item in starter.items) == {
        0: 6, 1: 13, 2: 17, 3: 16, 4: 18, 5: 10, 6: 10, 7: 3, 8: 3, 9: 3, 10: 3,
    }  # fmt: skip


def test_it_has_eleven_stages_eleven_gates_and_seventeen_roles(starter: PlaybookDocument) -> None:
    assert [stage.number for stage in starter.stages] == list(range(11))
    assert [gate.key for gate in starter.gates] == [f"G{number}" for number in range(11)]
    assert [stage.gate for stage in starter.stages] == [gate.key for gate in starter.gates]
    assert [role.code for role in starter.roles] == (
        [
            "EXS",
            "SPM",
            "IM",
            "CHM",
            "CSO",
            "PRV",
            "SEC",
            "LEG",
            "FIN",
            "INT",
            "VEN",
            "TRN",
            "SUP",
            "EQL",
            "EVL",
            "OPS",
            "COM",
        ]
    )


def test_every_role_owns_an_item(starter: PlaybookDocument) -> None:
    assert {role.code for role in starter.roles} == {item.owner for item in starter.items}


def test_each_signed_gate_completes_its_own_row_and_nothing_else(starter: PlaybookDocument) -> None:
    signed = [gate.key for gate in starter.gates if gate.kind == "signed"]
    rows = [(item.number, item.gate) for item in starter.items if item.completed_by_gate]

    assert signed == ["G1", "G2", "G4", "G6", "G8", "G9"]
    assert rows == [(19, "G1"), (36, "G2"), (70, "G4"), (90, "G6"), (96, "G8"), (99, "G9")]


def test_the_owner_of_a_signed_gates_row_sits_on_its_panel(starter: PlaybookDocument) -> None:
    gates = {gate.key: gate for gate in starter.gates}

    assert [
        item.number for item in starter.items if item.completed_by_gate and item.owner not in gates[item.gate].panel
    ] == []


def test_the_scorecard_weighs_100_and_every_domain_is_fed(starter: PlaybookDocument) -> None:
    scorecard = starter.scorecard

    assert [(domain.key, domain.weight) for domain in scorecard.domains] == [
        ("technical", 20),
        ("integration", 15),
        ("clinical-safety", 20),
        ("people", 20),
        ("operations", 10),
        ("privacy-security", 10),
        ("equity", 5),
    ]
    assert (scorecard.go, scorecard.conditional_go, scorecard.condition_expiry_days) == (90, 80, 14)
    assert min(len(domain.items) for domain in scorecard.domains) >= 4
    assert {starter.item(key).stage for domain in scorecard.domains for key in domain.items} <= {2, 3, 4, 5, 6}


def test_the_light_track_keeps_every_safety_and_privacy_item(starter: PlaybookDocument) -> None:
    light = [item for item in starter.items if item.light]
    left_out = [item.key for item in starter.items if not item.light and {"safety", "privacy"} & set(item.tags)]

    assert 40 <= len(light) <= 50
    assert left_out == []


def test_every_clinical_safety_and_privacy_criterion_of_the_go_no_go_is_in_the_light_track(
    starter: PlaybookDocument,
) -> None:
    domains = {domain.key: domain.items for domain in starter.scorecard.domains}

    for key in (*domains["clinical-safety"], *domains["privacy-security"]):
        assert starter.item(key).light, key


def test_the_items_that_do_not_always_apply_say_when_they_do(starter: PlaybookDocument) -> None:
    facts = {
        item.number: sorted({leaf.fact for leaf in item.condition.leaves()}) for item in starter.items if item.condition
    }

    assert facts == {
        23: ["organization.country"],
        24: ["organization.country"],
        25: ["organization.country", "tool.substance_use_data"],
        26: ["site.kind", "site.serves_minors"],
        29: ["tool.regulated_device"],
        30: ["tool.generative_ai"],
        56: ["site.ehr", "tool.ehr_launched"],
        57: ["site.ehr", "tool.ehr_launched"],
        61: ["site.ehr", "tool.ehr_launched"],
        62: ["site.ehr", "tool.ehr_launched"],
        63: ["site.ehr", "tool.ehr_launched"],
    }


def test_norway_is_a_country_and_not_false(starter: PlaybookDocument) -> None:
    condition = starter.item("data-protection-assessment").condition
    assert condition is not None
    (leaf,) = condition.leaves()

    assert isinstance(leaf.value, tuple)
    assert len(leaf.value) == 31
    assert {"NO", "GB", "DE"} <= set(leaf.value)


def test_hypercare_ends_on_the_agreed_figures(starter: PlaybookDocument) -> None:
    gate = next(gate for gate in starter.gates if gate.key == "G8")

    assert [(leaf.fact, leaf.op, leaf.value) for leaf in gate.criteria.leaves()] == [
        ("items.blocking_open", "eq", 0),
        ("hypercare.sev1_open", "eq", 0),
        ("hypercare.sev2_open", "le", 2),
        ("hypercare.sev2_without_plan", "eq", 0),
        ("hypercare.tickets_per_active_user_week", "le", 0.1),
        ("hypercare.ticket_rate_falling_days", "ge", 3),
        ("hypercare.message_success", "ge", 0.995),
        ("hypercare.deliverers_active_share", "ge", 0.7),
        ("hypercare.tier1_solved_share", "ge", 0.8),
        ("hypercare.top_issues_without_article", "eq", 0),
        ("hypercare.safety_events_unreviewed", "eq", 0),
        ("hypercare.working_days_met", "ge", 5),
    ]


def test_the_go_no_go_reads_training_team_and_every_open_item(starter: PlaybookDocument) -> None:
    gate = next(gate for gate in starter.gates if gate.key == "G6")

    assert [(leaf.fact, leaf.op, leaf.value, leaf.stages) for leaf in gate.criteria.leaves()] == [
        ("items.blocking_open", "eq", 0, (0, 1, 2, 3, 4, 5, 6)),
        ("items.conditional_open", "eq", 0, (3, 4, 5, 6)),
        ("training.coverage", "ge", 0.95, ()),
        ("training.access_without_training", "eq", 0, ()),
        ("team.vacant_roles", "eq", 0, ()),
    ]


def test_windows_and_the_end_are_data(starter: PlaybookDocument) -> None:
    windows = {
        item.number: (item.offset_days, item.until_days) for item in starter.items if item.until_days is not None
    }

    assert windows == {94: (1, 14), 95: (1, 14), 96: (14, 30)}
    assert [item.number for item in starter.items if item.anchor == "decommission"] == [102]


def test_no_item_is_due_before_what_it_waits_for(starter: PlaybookDocument) -> None:
    assert starter.warnings == ()


def test_every_item_explains_itself(starter: PlaybookDocument) -> None:
    short = [item.key for item in starter.items if len(item.guidance.split()) < 40]
    raw = [item.key for item in starter.items if re.search(r"[…≥−]|T[-−]\d|\bincl\b", item.title)]

    assert short == []
    assert raw == []
    assert [item.key for item in starter.items if item.title[0].islower()] == []
    assert len({item.title for item in starter.items}) == 102
    assert len({item.guidance for item in starter.items}) == 102


def test_no_registered_mark_is_used(starter: PlaybookDocument) -> None:
    marks = re.compile(r"\bSIC\b|®|™|\bEpic\b|\bORCHA\b|\bHITRUST\b", re.IGNORECASE)

    assert [item.key for item in starter.items if marks.search(item.title + item.guidance)] == []


def test_the_cut_over_has_one_point_of_no_return_after_the_go_call(starter: PlaybookDocument) -> None:
    steps = starter.runbook.steps

    assert [step.number for step in steps] == list(range(1, 15))
    assert sum(step.minutes for step in steps) == 178
    assert [step.key for step in steps if step.point_of_no_return] == ["switch-referrals"]
    assert steps[10].key == "go-call"
    assert [(trigger.key, trigger.for_minutes) for trigger in starter.runbook.triggers] == [
        ("safety-event", 0),
        ("wrong-patient", 0),
        ("crisis-alert-lost", 0),
        ("messages-failing", 30),
        ("sign-in-failing", 60),
    ]


class NothingKnown:
    """A source at the first moment of a deployment."""

    def read(self, leaf: Mapping[str, Any]) -> None:
        return None


def test_no_gate_closes_while_nothing_is_known(starter: PlaybookDocument) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    for gate in starter.gates:
        outcome = evaluate(gate.criteria.as_data(), NothingKnown(), now)
        assert outcome.holds is None, gate.key
        assert len(outcome.failing()) == len(list(gate.criteria.leaves()))


def test_every_expression_follows_the_grammar_that_evaluates_it(starter: PlaybookDocument) -> None:
    expressions = [
        *(gate.criteria for gate in starter.gates),
        *(trigger.when for trigger in starter.runbook.triggers),
        *(item.condition for item in starter.items if item.condition),
    ]

    assert len(expressions) == 27
    for expression in expressions:
        check(expression.as_data())


def test_a_gate_says_what_holds_it_back(starter: PlaybookDocument) -> None:
    figures = {"items.blocking_open": 2, "training.coverage": 0.93, "training.access_without_training": 0}

    class Figures:
        def read(self, leaf: Mapping[str, Any]) -> Reading:
            return Reading(figures[leaf["fact"]])

    gate = next(gate for gate in starter.gates if gate.key == "G5")
    outcome = evaluate(gate.criteria.as_data(), Figures(), datetime(2026, 11, 23, 12, tzinfo=UTC))

    assert outcome.holds is False
    assert [leaf.says for leaf in outcome.failing()] == [
        "Open blocking items of Train: 2; passes when it is 0.",
        "Share of required learners who passed the current version: 93 %; passes when it is at least 95 %.",
    ]
