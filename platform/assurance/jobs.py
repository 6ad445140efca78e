"""What time alone brings: audits begin, and those nobody finished are noted and go up."""

import logging

from django.db import transaction

from assurance import audit, notices
from assurance.models import Definition, Finding, Run
from assurance.models.definition import today
from assurance.packs import making
from audit.actor import Actor
from audit.models.event import record
from notices.jobs import job
from tenancy.models import Organization

log = logging.getLogger(__name__)
BY = Actor.system("scheduled audits")


@job("scheduled_audits", "Scheduled audits: begun, reminded, or noted as late", hour=11)
def scheduled_audits(organization: Organization) -> dict[str, int]:
    """Begin what is due, note what is late, and plan the reminders of what is open."""
    day = today()
    begun = [_begin(definition) for definition in Definition.objects.due(day).order_by("pk")]
    late = sum(run.note_late(by=BY) for run in Run.objects.open().filter(due_on__lt=day).order_by("pk"))
    runs = Run.objects.open().select_related("definition__owner")
    waiting = notices.plan(runs, Finding.objects.open().select_related("owner"), by=BY)
    return {
        "begun": sum(begun), "not_begun": len(begun) - sum(begun), "late": late, "waiting": waiting,
        "packs_removed": making.clear(organization.pk),
    }  # fmt: skip


def _begin(definition: Definition) -> bool:
    """Begin one that is due; one that cannot be is told, stays due, and hinders no other."""
    try:
        with transaction.atomic():
            Run.begin(definition, on=today(), by=BY)
    except Exception as error:
        log.exception("the audit %s could not be begun", definition.pk)
        why = f"{type(error).__name__}: {error}"[:300]
        record(audit.NOT_BEGUN, by=BY, subject=definition, title=definition.title, why=why)
        return False
    return True
