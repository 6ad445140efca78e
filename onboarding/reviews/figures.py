"""A review's figures, filled in from facts, items, gates and tickets: nobody types them beside what is known."""

from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from facts.kinds import find
from facts.models import Fact
from onboarding.continuity.models import FundingSource
from onboarding.continuity.standing import cost_of
from onboarding.deployments.models import Deployment, Item
from onboarding.hypercare.models import Ticket
from onboarding.hypercare.severity import Severity
from web.formats import money

MONEY = "Money"
READ: list[tuple[str, str, str]] = [
    ("Adoption", "hypercare.active_users", "People who used the tool in seven days"),
    ("Adoption", "hypercare.deliverers_active_share", "Trained staff who used the tool"),
    ("Training", "training.coverage", "Required learners who passed"),
    ("Training", "training.access_without_training", "People with access but no training"),
    ("Continuity", "champion.days_vacant", "Days without a champion"),
]
"""Part of the review, kind of fact, and what it says; all are facts about the deployment."""
RUNWAY = "funding.runway_months"
ABOUT_PROGRAM = [(MONEY, RUNWAY, "Months that the money lasts")]
CONTRACTS: list[tuple[str, str, str]] = [
    (MONEY, "billing.agreed", "Agreed fee, the budget of this site"),
    (MONEY, "billing.due", "Due so far"),
    (MONEY, "billing.due_share", "Due so far, of the fee"),
    (MONEY, "billing.milestones_accepted", "Milestones reached and accepted"),
    (MONEY, "billing.milestones_agreed", "Milestones agreed on"),
]
"""Of the host's own contracts: for whoever may read them."""


def filled_in(deployment: Deployment) -> list[dict[str, Any]]:
    """Return the figures as they stand: part, what, value in words, and of when. What is not known says so."""
    now = timezone.now()
    rows = _facts(deployment.pk, READ, now)
    rows += _defects(deployment)
    rows += _gates(deployment)
    rows += _schedule(deployment)
    rows += _facts(deployment.program_id, ABOUT_PROGRAM, now)
    contracts = _facts(deployment.pk, CONTRACTS, now)
    if any(row["value"] is not None for row in contracts):
        rows += [{**row, "private": True} for row in contracts]
    rows += _sources(deployment)
    return rows


def _facts(subject: Any, wanted: list[tuple[str, str, str]], now: datetime) -> list[dict[str, Any]]:
    kinds = [name for _, name, _ in wanted]
    known = {
        fact.kind: fact for fact in Fact.objects.about(subject).filter(kind__in=kinds, observed_at__lte=now).current()
    }
    rows = []
    for part, name, says in wanted:
        fact, kind = known.get(name), find(name)
        stale = bool(fact and kind.fresh_for and now - fact.observed_at > kind.fresh_for)
        rows.append(
            _row(part, says, _words(fact.value, kind.unit) if fact else None, fact.observed_at if fact else None, stale)
        )
    return rows


def _defects(deployment: Deployment) -> list[dict[str, Any]]:
    tickets = list(Ticket.objects.filter(deployment=deployment))
    defects = [one for one in tickets if one.kind == Ticket.Kind.DEFECT]
    open_ones = [one for one in defects if one.is_open]
    grave = sum(one.severity in (Severity.CRITICAL, Severity.STOPS) for one in open_ones)
    hours = [(one.fixed_at - one.reported_at).total_seconds() / 3600 for one in defects if one.fixed_at]
    late = sum(one.is_late(timezone.now()) for one in defects)
    return [
        _row("Defects", "Open, of all reported", f"{len(open_ones)} of {len(defects)}"),
        _row("Defects", "Open Sev-1 and Sev-2", str(grave)),
        _row("Defects", "Median time to a fix", _hours(median(hours)) if hours else None),
        _row("Defects", "Past their target", str(late)),
        _row("Defects", "Open requests", str(sum(one.kind == Ticket.Kind.REQUEST and one.is_open for one in tickets))),
    ]


def _gates(deployment: Deployment) -> list[dict[str, Any]]:
    standing = deployment.gates
    passed = sorted((key for key, gate in standing.items() if gate.get("state") == "passed"), key=_number)
    lapsed = sorted((key for key, gate in standing.items() if gate.get("state") == "lapsed"), key=_number)
    return [
        _row("Gates", "Passed, of all", f"{len(passed) + len(lapsed)} of {len(standing)}" if standing else None),
        _row("Gates", "Do not hold any more", ", ".join(lapsed) or "none"),
    ]


def _schedule(deployment: Deployment) -> list[dict[str, Any]]:
    today = timezone.localdate()
    late = Item.objects.of_deployment(deployment.pk).open().filter(due_on__lt=today).count()
    moved = None
    if deployment.went_live_at:
        days = (timezone.localdate(deployment.went_live_at) - deployment.baseline_go_live_on).days
        moved = "on the day" if days == 0 else f"{abs(days)} days {'late' if days > 0 else 'early'}"
    return [_row("Plan", "Go-live against its baseline", moved), _row("Plan", "Items overdue", str(late))]


def _sources(deployment: Deployment) -> list[dict[str, Any]]:
    left = FundingSource.objects.filter(program=deployment.program_id).aggregate(left=Sum("left"))["left"]
    cost = cost_of(deployment.program)
    return [
        {**_row(MONEY, "Left in all sources of the program", None if left is None else money(left)), "private": True},
        {**_row(MONEY, "Cost of the program a month", None if cost is None else money(cost)), "private": True},
    ]


def _row(part: str, says: str, value: str | None, at: datetime | None = None, stale: bool = False) -> dict[str, Any]:
    return {"part": part, "says": says, "value": value, "at": at.isoformat() if at else None, "stale": stale}


def _words(value: Any, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.4g} %"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f} days"


def _number(gate: str) -> int:
    return int(gate[1:]) if gate[1:].isdecimal() else 99
