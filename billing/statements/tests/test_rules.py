"""A line can be computed again from its snapshot alone, and says how."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts.amount import split
from billing.contracts.tests.test_amount import fees, percentages
from billing.statements.rules import compute, digest, formula, steps

amounts = st.decimals(min_value="-9999999.99", max_value="9999999.99", places=2)


def milestone(fee: str, percents: list[str], place: int) -> dict[str, Any]:
    rule = {"title": "Gate G4 passed", "fee": fee, "percents": percents, "percent": percents[place], "place": place}
    return {"kind": "milestone", "rule": rule, "contract": {"reference": "SW-1"}}


@given(fees, percentages())
def test_the_lines_of_all_milestones_make_the_fee_and_are_what_was_stored(
    fee: Decimal, percents: list[Decimal]
) -> None:
    texts = [f"{one}" for one in percents]
    lines = [compute(milestone(f"{fee}", texts, place)) for place in range(len(texts))]
    assert lines == split(fee, percents)
    assert sum(lines) == fee


@given(amounts, amounts)
def test_an_adjustment_and_a_reversal_close_the_gap_exactly(stood: Decimal, wanted: Decimal) -> None:
    of = {"stood": f"{stood}", "number": 1, "statement": "SW-1/2026-10"}
    assert stood + compute({"kind": "adjustment", "of": of, "should_be": f"{wanted}"}) == wanted
    assert stood + compute({"kind": "reversal", "of": of}) == 0


def test_a_formula_is_in_figures() -> None:
    of = {"stood": "2000.00", "number": 2, "statement": "SW-1/2026-10"}
    assert formula(milestone("10000.01", ["30.00", "70.00"], 0)) == "10,000.01 × 30 %"
    assert formula({"kind": "reversal", "of": of}) == "0 − 2,000.00"
    assert formula({"kind": "adjustment", "of": of, "should_be": "1500.00"}) == "1,500.00 − 2,000.00"
    assert formula({"kind": "reversal", "of": {**of, "stood": "-5.00"}}) == "0 + 5.00"


def test_the_steps_show_where_a_cent_went() -> None:
    assert steps(milestone("10000.01", ["30.00", "30.00", "20.00", "20.00"], 0)) == [
        ("Fee of the deployment", "10,000.01", "contract SW-1"),
        ("Share", "30 %", "Gate G4 passed, of 30 + 30 + 20 + 20 %"),
        ("Exact", "3,000.003", "fee × share"),
        ("Amount", "3,000.01", "to the cent; the milestones make the whole fee"),
    ]
    assert steps(milestone("100.00", ["50", "50"], 1))[2:] == [
        ("Exact", "50.00", "fee × share"),
        ("Amount", "50.00", "no remainder"),
    ]


def test_a_kind_that_nobody_knows_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="'gift' cannot be computed"):
        compute({"kind": "gift"})


def test_a_digest_knows_data_not_order() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
