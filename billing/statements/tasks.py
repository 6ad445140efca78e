"""What the workers do for statements."""

from uuid import UUID

from celery import shared_task

from audit.models import Event
from billing.contracts.models import Contract
from billing.statements.actions.settle import follow
from billing.statements.facts import state_money as state_money_of
from billing.statements.models import Statement
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def open_lines(organization_id: str, event_id: str) -> None:
    """Open the statement lines that follow from an event."""
    follow(UUID(event_id))


@shared_task(base=TenantTask)
def state_money(organization_id: str, event_id: str) -> None:
    """A contract began to bind or ended, or a line was opened or corrected."""
    subject = Event.objects.get(pk=event_id).subject_id
    statement = Statement.objects.select_related("contract").filter(pk=subject).first()
    contract = statement.contract if statement else Contract.objects.filter(pk=subject).first()
    if contract is not None:
        state_money_of(contract)
