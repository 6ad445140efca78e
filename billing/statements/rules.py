"""From a line's frozen snapshot to its amount: the same in the page, the PDF, the re-check and the replay."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from billing.contracts.amount import CENT, WHOLE, split
from web.formats import money, number

Snapshot = Mapping[str, Any]
MILESTONE, REVERSAL, ADJUSTMENT = "milestone", "reversal", "adjustment"


def compute(snapshot: Snapshot) -> Decimal:
    """Return the amount of a line from nothing but its snapshot; raise ValueError for a kind nobody knows."""
    kind = snapshot["kind"]
    if kind == MILESTONE:
        rule = snapshot["rule"]
        place: int = rule["place"]
        return split(Decimal(rule["fee"]), [Decimal(one) for one in rule["percents"]])[place]
    if kind == REVERSAL:
        return -Decimal(snapshot["of"]["stood"])
    if kind == ADJUSTMENT:
        return Decimal(snapshot["should_be"]) - Decimal(snapshot["of"]["stood"])
    raise ValueError(f"A line of the kind {kind!r} cannot be computed.")


def formula(snapshot: Snapshot) -> str:
    """Return the calculation in figures, as it stands in the statement."""
    kind = snapshot["kind"]
    if kind == MILESTONE:
        rule = snapshot["rule"]
        return f"{money(Decimal(rule['fee']))} × {percent(rule['percent'])}"
    if kind == REVERSAL:
        return f"0 {_minus(snapshot['of']['stood'])}"
    return f"{money(Decimal(snapshot['should_be']))} {_minus(snapshot['of']['stood'])}"


def steps(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Return the calculation step by step: what the step is called, its figure, and the words under it."""
    kind, amount = snapshot["kind"], money(compute(snapshot))
    if kind == MILESTONE:
        rule = snapshot["rule"]
        fee, share = Decimal(rule["fee"]), Decimal(rule["percent"])
        exact = fee * share / WHOLE
        rounded = "no remainder" if exact == exact.quantize(CENT) else "to the cent; the milestones make the whole fee"
        return [
            ("Fee of the deployment", money(fee), f"contract {snapshot['contract']['reference']}"),
            ("Share", percent(rule["percent"]), f"{rule['title']}, of {' + '.join(map(_plain, rule['percents']))} %"),
            ("Exact", number(exact.normalize() if exact % 1 else exact.quantize(CENT)), "fee × share"),
            ("Amount", amount, rounded),
        ]
    of = snapshot["of"]
    where = f"line {of['number']} of {of['statement']}"
    stood = ("Stood at", money(Decimal(of["stood"])), where)
    if kind == REVERSAL:
        return [stood, ("Should be", money(Decimal(0)), snapshot["fact"]["what"]), ("Amount", amount, "the difference")]
    return [
        stood,
        ("Should be", money(Decimal(snapshot["should_be"])), snapshot["reason"]),
        ("Amount", amount, "the difference"),
    ]


def digest(data: Any) -> str:
    """Return the SHA-256 of JSON data in its one canonical form."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def percent(value: str) -> str:
    """Write "30 %"."""
    return f"{_plain(value)} %"


def _plain(value: str) -> str:
    return f"{Decimal(value).normalize():f}"


def _minus(stood: str) -> str:
    """Write what is taken off: "− 4,800.00", or "+ 4,800.00" where a debt stood."""
    value = Decimal(stood)
    return f"{'−' if value >= 0 else '+'} {money(abs(value))}"
