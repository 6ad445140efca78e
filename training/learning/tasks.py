"""What the workers do for learning."""

from celery import shared_task

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from tenancy.tasks import TenantTask
from training.learning.actions import follow_deployment
from training.learning.actions.enroll import enroll_joined


@shared_task(base=TenantTask)
def open_rollout(organization_id: str, event_id: str) -> None:
    """A deployment was planned."""
    follow_deployment.open_rollout(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def follow_go_live(organization_id: str, event_id: str) -> None:
    """A go-live date moved."""
    follow_deployment.follow_go_live(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def follow_release(organization_id: str, event_id: str) -> None:
    """A deployment took another version of its tool."""
    follow_deployment.follow_release(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def note_live(organization_id: str, event_id: str) -> None:
    """A deployment went live."""
    follow_deployment.note_live(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def close_rollout(organization_id: str, event_id: str) -> None:
    """A deployment was discontinued."""
    follow_deployment.close_rollout(Event.objects.get(pk=event_id))


@shared_task(base=TenantTask)
def enroll_invited(organization_id: str, event_id: str) -> None:
    """A person became a member."""
    event = Event.objects.get(pk=event_id)
    enroll_joined(User.objects.get(pk=event.data["user"]), by=Actor.system("training"))
