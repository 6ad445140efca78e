"""The demo's contracts and statements: money that follows from the events the deployments have left in the log."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from audit.models import Event
from billing.contracts.models import Contract
from billing.statements.actions.settle import settle
from billing.statements.happenings import READ
from billing.statements.models import Statement
from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.models import Deployment

SIGNED = 304
"""Days ago on which the contract was activated."""
FEE = Decimal("18500.00")


def bring_money(cast: Cast, deployments: Sequence[Deployment], today: date) -> None:
    """Sign a contract over what is live, settle what has happened day by day, and let people close the months."""
    live = [one for one in deployments if one.state == Deployment.State.LIVE]
    first = min(timezone.localdate(one.planned_at) for one in live)
    contract = _draft(
        cast, live, days_ago(today, SIGNED + 6), reference="SW-01", title="Stillwater CBT", starts_on=first
    )
    with at(days_ago(today, SIGNED), 11):
        contract.activate(by=cast.actor("chief.operating.officer"))
    covered = [one.pk for one in live]
    moments = Event.objects.filter(deployment_id__in=covered, action__in=READ).values_list("at", flat=True)
    days = sorted({days_ago(today, SIGNED), *(one.date() for one in moments)})
    for day in days:
        if day >= days_ago(today, SIGNED):
            with at(day, 23):
                settle(contract.pk, until=timezone.now())
    _close_months(cast, contract, today)
    later = [one for one in deployments if one.program.title != live[0].program.title]
    if later:
        _draft(cast, later, days_ago(today, 4), reference="SW-02", title="Harbor Parent", starts_on=today)


def _draft(
    cast: Cast, covers: Sequence[Deployment], day: date, *, reference: str, title: str, starts_on: date
) -> Contract:
    with at(day, 10):
        return Contract.draft(
            reference=reference,
            title=f"{title}, implementation",
            vendor=cast.organizations["stillwater"],
            currency="USD",
            fee=FEE,
            starts_on=starts_on,
            covers=[one.pk for one in covers],
            by=cast.actor("administrator"),
        )


def _close_months(cast: Cast, contract: Contract, today: date) -> None:
    """Review every month that is over, and finalize all of them but the last: that one waits for finance."""
    month = today.replace(day=1)
    over = list(Statement.objects.filter(contract=contract, period__lt=month).order_by("period"))
    for statement in over:
        closed = (statement.period + timedelta(days=32)).replace(day=1)
        with at(min(closed + timedelta(days=2), today), 7):
            statement.review(by=cast.actor("administrator"))
        if statement != over[-1]:
            with at(min(closed + timedelta(days=5), today), 8):
                statement.finalize(by=cast.actor("finance.director"))
