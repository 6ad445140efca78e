"""What follows from changes of a team."""

from celery import shared_task

from audit.models import Event
from onboarding.continuity.standing import state_champion
from onboarding.deployments.models import Deployment
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def follow_team(organization_id: str, event_id: str) -> None:
    """Somebody took a team role, or left it."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        state_champion(Deployment.objects.get(pk=event.deployment_id))
