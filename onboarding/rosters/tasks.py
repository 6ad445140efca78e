"""Batches of imports."""

from uuid import UUID

from celery import shared_task

from onboarding.rosters.actions.advance import advance_import
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def advance(organization_id: str, import_id: str) -> None:
    """Do the next batch of an import."""
    advance_import(UUID(import_id))
