"""What the workers do for statements."""

from uuid import UUID

from celery import shared_task

from billing.statements.actions.settle import follow
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def open_lines(organization_id: str, event_id: str) -> None:
    """Open the statement lines that follow from an event."""
    follow(UUID(event_id))
