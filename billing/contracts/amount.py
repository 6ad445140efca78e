"""Money: a decimal with two places and its currency. Never a float, never two currencies in one sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

CENT = Decimal("0.01")
LIMIT = Decimal("9999999999.99")
WHOLE = Decimal(100)
CURRENCIES = ("USD", "EUR", "GBP", "CAD", "AUD", "CHF")
"""ISO 4217 codes with two decimal places."""


class NotMoney(ValueError):
    """This is not an amount, or the two amounts do not go together; the message says why."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a currency."""

    value: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse whatever is not a decimal of two places in a known currency."""
        if not isinstance(self.value, Decimal):
            raise NotMoney(f"Money is a decimal, not {type(self.value).__name__}: {self.value!r}.")
        if not self.value.is_finite() or self.value != self.value.quantize(CENT) or abs(self.value) > LIMIT:
            raise NotMoney(f"{self.value} is not an amount of at most two decimal places, up to {LIMIT}.")
        if self.currency not in CURRENCIES:
            raise NotMoney(f"{self.currency!r} is not one of {', '.join(CURRENCIES)}.")
        object.__setattr__(self, "value", self.value.quantize(CENT))

    def __add__(self, other: "Amount") -> "Amount":
        self._same_currency(other)
        return Amount(self.value + other.value, self.currency)

    def __sub__(self, other: "Amount") -> "Amount":
        return self + -other

    def __neg__(self) -> "Amount":
        return Amount(-self.value, self.currency)

    def split(self, percents: Sequence[Decimal]) -> "list[Amount]":
        """Divide by percentages that make 100, to the cent and without remainder (largest remainder, then order)."""
        return [Amount(share, self.currency) for share in split(self.value, percents)]

    def _same_currency(self, other: "Amount") -> None:
        if self.currency != other.currency:
            raise NotMoney(f"{self.currency} and {other.currency} do not add up.")


def split(value: Decimal, percents: Sequence[Decimal]) -> list[Decimal]:
    """Return the shares of a positive amount: each at most a cent from its exact share, together exactly the amount."""
    if sum(percents, Decimal(0)) != WHOLE:
        raise NotMoney(f"The percentages make {sum(percents, Decimal(0))}, not 100.")
    if value <= 0 or min(percents) <= 0:
        raise NotMoney("Only a positive amount is divided, by positive percentages.")
    exact = [value * percent / WHOLE for percent in percents]
    shares = [share.quantize(CENT, ROUND_FLOOR) for share in exact]
    left = int((value - sum(shares, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(shares)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[:left]:
        shares[place] += CENT
    return shares
