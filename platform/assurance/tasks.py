"""Reminders follow what happens in an audit; packs are made."""

from uuid import UUID

from celery import shared_task

from assurance import notices
from assurance.models import Finding, Run
from audit.actor import Actor
from audit.models import Event
from tenancy.tasks import AfterCommitTask, TenantTask

BY = Actor.system("scheduled audits")


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """Something happened to an audit, or to a finding."""
    subject = Event.objects.get(pk=event_id).subject_id
    runs = Run.objects.filter(pk=subject).select_related("definition__owner")
    notices.plan(runs, Finding.objects.filter(pk=subject).select_related("owner"), by=BY)


@shared_task(base=AfterCommitTask)
def make_pack(organization_id: str, pack_id: str) -> None:
    """Make an audit pack; it enters the scope itself, a section at a time."""
    from assurance.packs import making

    making.make(UUID(organization_id), UUID(pack_id))
