"""A correction: never an edit, always another line, on the next statement that is still a draft."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from access.permissions import Permission
from audit.actor import Actor
from audit.models.event import record
from billing.contracts.amount import Amount
from billing.contracts.hands import BillingRefused, demand_hand
from billing.contracts.models import Contract
from billing.statements import audit, rules
from billing.statements.actions.settle import of
from billing.statements.happenings import month_of
from billing.statements.models import Line, Statement
from web.formats import money


@transaction.atomic
def correct_line(line: Line, *, should_be: Decimal, reason: str, by: Actor) -> Line:
    """Write an adjustment that brings a line to what it should be; return it.

    Raises BillingRefused without a reason, for less than nothing or more than the contract's fee, for a line that is itself
    a correction or was taken back, and where nothing would change; NotMoney for what is no amount. The same correction
    again changes nothing, hence is refused as such.
    """
    demand_hand(by, Permission.BILLING_MANAGE)
    if not reason.strip():
        raise BillingRefused("A correction needs its reason: both parties read it.")
    contract = Contract.locked(line.statement.contract_id)
    wanted = Amount(should_be, contract.currency)
    if not 0 <= wanted.value <= contract.fee:
        raise BillingRefused(f"A line lies between nothing and the fee of the deployment, {money(contract.fee)}.")
    if line.kind != Line.Kind.MILESTONE:
        raise BillingRefused(f"Line {line.number} is a correction itself: correct the line that it is about.")
    if Line.objects.filter(of=line, kind=rules.REVERSAL).exists():
        raise BillingRefused(f"Line {line.number} was taken back already.")
    line.statement.contract = contract
    snapshot = {
        "kind": rules.ADJUSTMENT,
        "title": f"Correction of {line.snapshot['rule']['title'][:1].lower()}{line.snapshot['rule']['title'][1:]}",
        "label": line.snapshot["label"],
        "contract": line.snapshot["contract"],
        "of": of(line),
        "should_be": f"{wanted.value}",
        "reason": reason.strip()[:500],
    }
    if rules.compute(snapshot) == 0:
        raise BillingRefused(f"Line {line.number} stands at {wanted.value:,} already.")
    statement = Statement.open_for(contract, month_of(contract, timezone.now()))
    written = Line.open(
        statement,
        snapshot,
        milestone_id=line.milestone_id,
        deployment_id=line.deployment_id,
        of=line,
        opened_by_id=by.id,
    )
    record(
        audit.LINE_CORRECTED,
        by=by,
        subject=statement,
        of=line.number,
        reference=line.statement.reference,
        amount=money(written.amount),
        currency=contract.currency,
    )
    return written
