"""What the workers do for deployments."""

from celery import shared_task

from audit.models import Event
from onboarding.deployments import portfolio
from onboarding.deployments.actions.follow import follow
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def carry_portfolio(organization_id: str, event_id: str) -> None:
    """Something about a deployment changed."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        portfolio.project(event.deployment_id)


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """An item's date, state or people changed, somebody was named, or a champion left: say so to whom it concerns."""
    follow(Event.objects.get(pk=event_id))
