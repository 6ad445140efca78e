"""Criteria in three values, against a model of their own: what is not known never counts as true, whatever it is joined with."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facts.criteria import MalformedCriterion, Reading, check, evaluate

NOW = datetime(2027, 3, 2, 12, tzinfo=UTC)
FACTS = ("a", "b", "c", "d")
MOST_DAYS = 4


class Board:
    """Readings by the name of their fact."""

    def __init__(self, readings: Mapping[str, Reading | None]) -> None:
        self.readings = dict(readings)

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        return self.readings.get(leaf["fact"])


def grown(inner: st.SearchStrategy[Any], *, negated: bool) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    branches = [lists.map(lambda parts: {"all": parts}), lists.map(lambda parts: {"any": parts})]
    if negated:
        branches.append(inner.map(lambda part: {"not": part}))
    return st.one_of(branches)


LEAF = st.builds(
    lambda fact, age: {"fact": fact, "op": "eq", "value": True, "says": fact, **({"max_age_days": age} if age else {})},
    st.sampled_from(FACTS),
    st.one_of(st.none(), st.integers(1, MOST_DAYS)),
)
ANY = st.recursive(LEAF, lambda inner: grown(inner, negated=True), max_leaves=8)
POSITIVE = st.recursive(LEAF, lambda inner: grown(inner, negated=False), max_leaves=8)
READING = st.one_of(
    st.none(),
    st.builds(
        lambda value, hours, left: Reading(value, NOW - timedelta(hours=hours), left and NOW + timedelta(hours=left)),
        st.booleans(),
        st.integers(0, 24 * (MOST_DAYS + 2)),
        st.one_of(st.none(), st.integers(-24, 72)),
    ),
)
BOARDS = st.fixed_dictionaries(dict.fromkeys(FACTS, READING)).map(Board)


def leaves(criterion: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "fact" in criterion:
        yield criterion
    for part in criterion.get("all", criterion.get("any", [criterion["not"]] if "not" in criterion else [])):
        yield from leaves(part)


def truth(leaf: Mapping[str, Any], board: Board, now: datetime) -> bool | None:
    """What a leaf is worth by the words of the format: known, not lapsed, not too old."""
    reading = board.read(leaf)
    if reading is None or (reading.valid_until and reading.valid_until <= now):
        return None
    age = leaf.get("max_age_days")
    if age and reading.observed_at and now - reading.observed_at > timedelta(days=age):
        return None
    return reading.value is leaf["value"]


def model(criterion: Mapping[str, Any], board: Board, now: datetime) -> float:
    """False 0, unknown a half, true 1: `all` is the least, `any` the greatest, `not` what is left to 1."""
    if "all" in criterion:
        return min(model(part, board, now) for part in criterion["all"])
    if "any" in criterion:
        return max(model(part, board, now) for part in criterion["any"])
    if "not" in criterion:
        return 1 - model(criterion["not"], board, now)
    return {False: 0.0, None: 0.5, True: 1.0}[truth(criterion, board, now)]


RANK: dict[bool | None, float] = {False: 0.0, None: 0.5, True: 1.0}


@given(ANY, BOARDS)
def test_every_expression_has_the_value_of_the_model(criterion: Any, board: Board) -> None:
    assert RANK[evaluate(criterion, board, NOW).holds] == model(criterion, board, NOW)


@given(ANY, BOARDS)
def test_what_holds_holds_whatever_the_unknown_turns_out_to_be(criterion: Any, board: Board) -> None:
    outcome = evaluate(criterion, board, NOW)
    unknown = sorted({leaf["fact"] for leaf in leaves(criterion) if truth(leaf, board, NOW) is None})
    for values in product([False, True], repeat=len(unknown)):
        fresh = {fact: Reading(value, NOW) for fact, value in zip(unknown, values, strict=True)}
        known = Board({**board.readings, **fresh})
        # A fact may be known to one leaf and too old for another: what one of them took for true must not change here.
        if all(truth(leaf, board, NOW) in (None, truth(leaf, known, NOW)) for leaf in leaves(criterion)):
            assert outcome.holds in (None, evaluate(criterion, known, NOW).holds)


@given(POSITIVE, BOARDS, st.sampled_from(FACTS))
def test_one_more_fresh_true_fact_never_takes_a_pass_away(criterion: Any, board: Board, fact: str) -> None:
    before = evaluate(criterion, board, NOW).holds
    after = evaluate(criterion, Board({**board.readings, fact: Reading(True, NOW)}), NOW).holds
    assert RANK[after] >= RANK[before]


@given(ANY, BOARDS)
def test_not_turns_true_and_false_and_leaves_the_unknown_unknown(criterion: Any, board: Board) -> None:
    once, twice = evaluate({"not": criterion}, board, NOW), evaluate({"not": {"not": criterion}}, board, NOW)
    plain = evaluate(criterion, board, NOW)
    assert once.holds == (None if plain.holds is None else not plain.holds)
    assert twice.holds == plain.holds


@given(ANY, BOARDS, st.integers(0, 999))
def test_until_it_lapses_time_alone_changes_nothing(criterion: Any, board: Board, thousandths: int) -> None:
    outcome = evaluate(criterion, board, NOW)
    end = outcome.lapses_at or NOW + timedelta(days=365)
    assert end > NOW or outcome.lapses_at == NOW
    later = NOW + (end - NOW) * thousandths // 1000
    assert evaluate(criterion, board, later).holds == outcome.holds


@given(BOARDS, st.integers(1, MOST_DAYS))
def test_a_statement_counts_to_the_last_moment_of_its_age_and_not_beyond(board: Board, days: int) -> None:
    leaf = {"fact": "a", "op": "eq", "value": True, "max_age_days": days}
    seen = Board({"a": Reading(True, NOW)})
    assert evaluate(leaf, seen, NOW + timedelta(days=days)).holds is True
    late = evaluate(leaf, seen, NOW + timedelta(days=days, microseconds=1))
    assert (late.holds, late.stale, late.word) == (None, True, "Out of date")


@given(ANY, BOARDS)
def test_whatever_does_not_hold_names_what_keeps_it_from_holding(criterion: Any, board: Board) -> None:
    outcome = evaluate(criterion, board, NOW)
    assert bool(outcome.failing()) == (outcome.holds is not True)
    assert all(one.holds is not True and one.says for one in outcome.failing())


@given(ANY)
def test_every_generated_expression_follows_the_grammar(criterion: Any) -> None:
    check(criterion)


@pytest.mark.parametrize(
    "criterion",
    [
        [],
        {},
        {"all": []},
        {"any": {}},
        {"all": [1]},
        {"not": []},
        {"fact": "a"},
        {"fact": "a", "op": "like", "value": 1},
        {"fact": "a", "op": "eq", "value": 1, "max_age_days": "7"},
        {"fact": "a", "op": "eq", "value": 1, "max_age_days": True},
        {"fact": "a", "op": "eq", "value": 1, "max_age_days": -1},
        {"all": [{"fact": "a", "op": "eq", "value": 1, "max_age_days": 10**9}]},
    ],
)
def test_what_does_not_follow_the_grammar_is_refused_with_its_place(criterion: Any) -> None:
    with pytest.raises(MalformedCriterion, match="criterion"):
        check(criterion)


def test_a_sentence_says_what_was_found_and_when_it_passes() -> None:
    leaf = {"fact": "a", "op": "ge", "value": 3, "says": "Days in a row"}
    found = evaluate(leaf, Board({"a": Reading(2, NOW)}), NOW)
    assert found.says == "Days in a row: 2; passes when it is at least 3."
    assert evaluate(leaf, Board({}), NOW).says == "Days in a row: nothing is known yet."
    old = evaluate({**leaf, "max_age_days": 2}, Board({"a": Reading(3, NOW - timedelta(days=5))}), NOW)
    assert old.says == "Days in a row: last seen 5 days ago, at most 2 days allowed."
    gone = Board({"a": replace(Reading(3, NOW), valid_until=NOW - timedelta(days=1))})
    assert evaluate(leaf, gone, NOW).says == "Days in a row: lapsed on 1 Mar 2027."
