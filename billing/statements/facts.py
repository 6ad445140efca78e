"""What a deployment costs its host, as facts: for reviews, and for whoever may read contracts. Never for partners."""

from decimal import Decimal
from uuid import UUID

from billing.contracts.models import Contract, Coverage, Milestone
from billing.statements import rules
from billing.statements.models import Line
from facts.kinds import kind
from facts.models import About, state, together
from tenancy.scope import current
from web.formats import money

DUE = kind(
    "billing.due",
    "Due so far under the host's contracts, adjustments included, in each currency",
    subject="deployment",
    value_type=str,
    source="statements",
    private=True,
)
AGREED = kind(
    "billing.agreed",
    "Agreed fee of the deployment under the host's contracts, in each currency",
    subject="deployment",
    value_type=str,
    source="contracts",
    private=True,
)
DUE_SHARE = kind(
    "billing.due_share",
    "Due so far, as a share of the agreed fee; stated where one currency is used",
    subject="deployment",
    value_type=float,
    source="statements",
    unit="share",
    private=True,
)
ACCEPTED = kind(
    "billing.milestones_accepted",
    "Milestones that are due and not taken back",
    subject="deployment",
    value_type=int,
    source="statements",
    private=True,
)
MILESTONES = kind(
    "billing.milestones_agreed",
    "Milestones of the host's contracts over the deployment",
    subject="deployment",
    value_type=int,
    source="contracts",
    private=True,
)


def state_money(contract: Contract) -> int:
    """State the money of every deployment that a contract of the organization in scope covers for itself; return how many.

    A contract over somebody else's deployment is the payer's business: the host has no fact of it.
    """
    home = current().organization_id
    covered = Coverage.objects.filter(contract=contract, host=home).values_list("deployment_id", flat=True)
    for deployment_id in sorted(covered):
        _state(deployment_id)
    return len(covered)


def _state(deployment_id: UUID) -> None:
    contracts = Contract.objects.exclude(state=Contract.State.DRAFT).filter(coverages__deployment_id=deployment_id)
    agreed: dict[str, Decimal] = {}
    due: dict[str, Decimal] = {}
    for contract in contracts.order_by("pk"):
        agreed[contract.currency] = agreed.get(contract.currency, Decimal(0)) + contract.fee
        spent = Line.objects.of_contract(contract.pk).filter(deployment_id=deployment_id).total()
        due[contract.currency] = due.get(contract.currency, Decimal(0)) + spent
    lines = Line.objects.filter(statement__contract__in=contracts, deployment_id=deployment_id)
    reached = lines.filter(kind=rules.MILESTONE).count() - lines.filter(kind=rules.REVERSAL).count()
    subject = About("deployments.deployment", deployment_id)
    with together():
        state(DUE, _written(due), subject=subject)
        state(AGREED, _written(agreed), subject=subject)
        state(ACCEPTED, reached, subject=subject)
        state(MILESTONES, Milestone.objects.filter(contract__in=contracts).count(), subject=subject)
        if len(agreed) == 1:
            ((currency, fee),) = agreed.items()
            state(DUE_SHARE, round(float(due[currency] / fee), 4), subject=subject)


def _written(amounts: dict[str, Decimal]) -> str:
    return ", ".join(f"{money(amount)} {currency}" for currency, amount in sorted(amounts.items()))
