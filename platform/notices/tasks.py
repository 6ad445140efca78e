"""What the workers do for reminders and jobs."""

from uuid import UUID

from celery import shared_task

from notices import engine, jobs, planners
from notices.models import Reminder
from tenancy.tasks import TenantTask


@shared_task
def send_due(organization_id: str) -> None:
    """Send what is due in one organization; it enters the scope itself, since no transaction may wait for a mail server."""
    engine.send_due(UUID(organization_id))


@shared_task
def run_job(organization_id: str, run_id: str) -> None:
    """Run one scheduled job."""
    jobs.run(UUID(organization_id), UUID(run_id))


@shared_task
def plan_jobs() -> None:
    """Make the runs of this hour exist; beat rings it, and every worker's timer does it without beat."""
    jobs.plan_due()


@shared_task(base=TenantTask)
def plan_anew(organization_id: str, event_id: str) -> None:
    """The reminder policy changed: its steps, ways and hours hold for everything that is open."""
    planners.plan_everything()
    Reminder.retime()
