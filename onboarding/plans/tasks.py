"""What the workers do for plans."""

from celery import shared_task

from audit.models import Event
from onboarding.deployments.models import Deployment
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.actions.keep_durations import keep_durations
from onboarding.plans.actions.run_wave import watch_waves
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def follow(organization_id: str, event_id: str) -> None:
    """An item or a date changed: keep how long the item took, and look at go-live again."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id is None:
        return
    if event.action in ("item.completed", "item.reopened"):
        keep_durations(event.deployment_id, [event.subject_id])
    compute_forecast(event.deployment_id)


@shared_task(base=TenantTask)
def watch(organization_id: str, event_id: str) -> None:
    """A gate, a go-live or the command center's figures changed: halt the waves that have a reason to."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        watch_waves(Deployment.objects.values_list("program_id", flat=True).get(pk=event.deployment_id))
