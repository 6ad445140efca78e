"""What the workers do for waves over several organizations."""

from celery import shared_task

from audit.models import Event
from onboarding.joint.actions.carry import carry
from onboarding.joint.notices import tell
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """A place was offered, answered or ended, or a wave came to a halt: tell whom it concerns on this side."""
    tell(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def follow(organization_id: str, event_id: str) -> None:
    """A gate, a go-live, a defect's figures or a share changed: tell whoever leads a wave the deployment is in."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        carry(event.deployment_id)
