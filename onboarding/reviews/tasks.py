"""Reviews follow the go-live."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from onboarding.deployments.models import Deployment
from onboarding.reviews import notices
from onboarding.reviews.models import Review
from tenancy.tasks import TenantTask

BY = Actor.system("reviews")


@shared_task(base=TenantTask)
def plan(organization_id: str, event_id: str) -> None:
    """A site went live."""
    deployment = Deployment.objects.get(pk=Event.objects.get(pk=event_id).subject_id)
    if deployment.state == Deployment.State.LIVE:
        Review.plan(deployment, by=BY)
        _remind(deployment)


@shared_task(base=TenantTask)
def follow(organization_id: str, event_id: str) -> None:
    """A review was held, or a site is no longer live."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id:
        _remind(Deployment.objects.get(pk=event.deployment_id))


def _remind(deployment: Deployment) -> None:
    notices.plan_reviews(Review.objects.filter(deployment=deployment).select_related(*notices.RELATED), by=BY)
