"""Money adds up, to the cent, always."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contracts.amount import Amount, NotMoney, split

fees = st.decimals(min_value="0.01", max_value="9999999999.99", places=2)


@st.composite
def percentages(draw: st.DrawFn) -> list[Decimal]:
    cuts = sorted(draw(st.sets(st.integers(1, 9999), max_size=7)))
    return [Decimal(after - before) / 100 for before, after in zip([0, *cuts], [*cuts, 10000], strict=True)]


@given(fees, percentages())
def test_shares_make_the_whole_and_none_is_a_cent_off(fee: Decimal, percents: list[Decimal]) -> None:
    shares = split(fee, percents)
    assert sum(shares) == fee
    assert all(
        abs(share - fee * percent / 100) < Decimal("0.01") for share, percent in zip(shares, percents, strict=True)
    )
    assert all(share == share.quantize(Decimal("0.01")) and share >= 0 for share in shares)


def test_the_cent_left_over_goes_to_the_largest_remainder() -> None:
    percents = [Decimal(30), Decimal(30), Decimal(20), Decimal(20)]
    assert split(Decimal("10000.01"), percents) == [
        Decimal("3000.01"),
        Decimal("3000.00"),
        Decimal("2000.00"),
        Decimal("2000.00"),
    ]
    assert split(Decimal("0.02"), percents) == [Decimal("0.01"), Decimal("0.01"), Decimal("0.00"), Decimal("0.00")]


@pytest.mark.parametrize(
    "value", [0.1, 1, "1.00", Decimal("1.001"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e10")]
)
def test_what_is_no_amount_is_refused(value: Any) -> None:
    with pytest.raises(NotMoney):
        Amount(value, "USD")


@pytest.mark.parametrize("currency", ["usd", "JPY", "XXX", ""])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(NotMoney, match="is not one of"):
        Amount(Decimal("1.00"), currency)


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(NotMoney, match="USD and EUR do not add up"):
        Amount(Decimal("1.00"), "USD") + Amount(Decimal("1.00"), "EUR")


def test_amounts_add_and_subtract() -> None:
    one, two = Amount(Decimal("1.10"), "USD"), Amount(Decimal("2.25"), "USD")
    assert (one + two, one - two) == (Amount(Decimal("3.35"), "USD"), Amount(Decimal("-1.15"), "USD"))


@pytest.mark.parametrize("percents", [["30", "30", "20"], ["50", "50.01"], ["100", "0"], ["150", "-50"]])
def test_percentages_that_do_not_make_a_whole_are_refused(percents: list[str]) -> None:
    with pytest.raises(NotMoney):
        split(Decimal("100.00"), [Decimal(one) for one in percents])
