"""Who hears of a decommission."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from onboarding.decommission import notices
from onboarding.decommission.models import Decommission
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """A decommission began, went on, or ended."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id is None:
        return
    found = Decommission.objects.filter(deployment_id=event.deployment_id).order_by("-begun_at")[:1]
    notices.plan_steps(found, by=Actor.system("decommission"))
