"""What time alone brings: audits begin, and those nobody finished are noted and go up."""

from django.utils import timezone

from assurance import notices
from assurance.models import Definition, Finding, Run
from assurance.packs import making
from audit.actor import Actor
from notices.jobs import job
from tenancy.models import Organization

BY = Actor.system("scheduled audits")


@job("scheduled_audits", "Scheduled audits: begun, reminded, or noted as late", hour=6)
def scheduled_audits(organization: Organization) -> dict[str, int]:
    """Begin what is due, note what is late, and plan the reminders of what is open."""
    today = timezone.localdate()
    due = list(Definition.objects.due(today).order_by("pk"))
    for definition in due:
        Run.begin(definition, on=today, by=BY)
    late = sum(run.note_late(by=BY) for run in Run.objects.open().filter(due_on__lt=today).order_by("pk"))
    runs = Run.objects.open().select_related("definition__owner")
    waiting = notices.plan(runs, Finding.objects.open().select_related("owner"), by=BY)
    return {"begun": len(due), "late": late, "waiting": waiting, "packs_removed": making.clear(organization.pk)}
