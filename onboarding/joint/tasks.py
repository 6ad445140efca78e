"""What the workers do for waves over several organizations."""

from celery import shared_task

from audit.models import Event
from onboarding.joint.actions.carry import carry
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def follow(organization_id: str, event_id: str) -> None:
    """A gate, a go-live, a defect's figures or a share changed: tell whoever leads a wave the deployment is in."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        carry(event.deployment_id)
