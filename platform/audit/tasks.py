"""What the workers do for the event log."""

from uuid import UUID

from celery import shared_task

from audit.models import Reaction
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def react(organization_id: str, reaction_id: str) -> None:
    """Carry out one reaction."""
    Reaction.carry_out(UUID(reaction_id))
