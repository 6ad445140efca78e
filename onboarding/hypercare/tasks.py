"""What follows for hypercare from what happens elsewhere, and who hears of a ticket."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from onboarding.deployments.models import Deployment
from onboarding.hypercare import notices
from onboarding.hypercare.models import Hypercare, Ticket
from onboarding.hypercare.models.period import EXIT, HypercareRefused
from onboarding.hypercare.register import state_register
from tenancy.tasks import TenantTask

BY = Actor.system("hypercare")


@shared_task(base=TenantTask)
def begin(organization_id: str, event_id: str) -> None:
    """A site went live."""
    deployment = Deployment.objects.get(pk=Event.objects.get(pk=event_id).subject_id)
    if deployment.state == Deployment.State.LIVE:
        Hypercare.begin(deployment, by=BY)
        state_register(deployment.pk, BY)


@shared_task(base=TenantTask)
def follow_gate(organization_id: str, event_id: str) -> None:
    """The exit was signed: hypercare is over."""
    event = Event.objects.get(pk=event_id)
    if event.deployment_id is None or event.data.get("gate") != EXIT:
        return
    period = Hypercare.objects.running().filter(deployment_id=event.deployment_id).first()
    if period:
        try:
            period.end(by=BY)
        except HypercareRefused:
            return  # the pass has ended again meanwhile


@shared_task(base=TenantTask)
def break_off(organization_id: str, event_id: str) -> None:
    """A site was rolled back, or the deployment ended."""
    event = Event.objects.get(pk=event_id)
    deployment = Deployment.objects.get(pk=event.subject_id)
    if deployment.state != Deployment.State.LIVE:
        for period in Hypercare.objects.running().filter(deployment=deployment):
            period.break_off(by=BY, why=f"the deployment is {deployment.get_state_display().lower()}")


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """A ticket was reported, graded, changed or moved."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.filter(pk=event.subject_id).select_related(*notices.RELATED).first()
    if ticket:
        notices.plan_tickets([ticket], by=BY)
        if event.action in ("ticket.reported", "ticket.graded"):
            notices.tell_of_severity_one(ticket)
