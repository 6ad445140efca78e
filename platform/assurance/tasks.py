"""Reminders follow what happens in an audit."""

from celery import shared_task

from assurance import notices
from assurance.models import Finding, Run
from audit.actor import Actor
from audit.models import Event
from tenancy.tasks import TenantTask

BY = Actor.system("scheduled audits")


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """Something happened to an audit, or to a finding."""
    subject = Event.objects.get(pk=event_id).subject_id
    runs = Run.objects.filter(pk=subject).select_related("definition__owner")
    notices.plan(runs, Finding.objects.filter(pk=subject).select_related("owner"), by=BY)
