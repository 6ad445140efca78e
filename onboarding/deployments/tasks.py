"""What the workers do for deployments."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from notices.models import Reminder
from onboarding.deployments import portfolio
from onboarding.deployments.actions.follow import follow
from onboarding.deployments.actions.hand_back import hand_back
from onboarding.deployments.models import Deployment
from tenancy.models import Site
from tenancy.tasks import TenantTask

TEAM = Actor.system("team")


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


@shared_task(base=TenantTask)
def follow_leaver(organization_id: str, event_id: str) -> None:
    """Somebody left the organization: others take over what they had in hand."""
    hand_back(Event.objects.get(pk=event_id).subject_id, by=TEAM)


@shared_task(base=TenantTask)
def follow_site(organization_id: str, event_id: str) -> None:
    """A site's profile changed: its name stands in portfolios, its time zone decides when reminders go out."""
    site = Site.objects.filter(pk=Event.objects.get(pk=event_id).subject_id).first()
    if site is None:
        return
    ids = list(Deployment.objects.running().filter(site=site).order_by("pk").values_list("pk", flat=True))
    for deployment_id in ids:
        portfolio.project(deployment_id)
    waiting = Reminder.objects.unclaimed().filter(deployment_id__in=ids).exclude(work_zone=site.time_zone)
    if waiting.update(work_zone=site.time_zone):
        Reminder.retime()
