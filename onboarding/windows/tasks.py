"""What follows when a window is met or a series begins or ends: its reminders."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from onboarding.windows import notices
from onboarding.windows.models import Window
from tenancy.tasks import TenantTask

BY = Actor.system("windows")


@shared_task(base=TenantTask)
def remind(organization_id: str, event_id: str) -> None:
    """Bring the reminders of the series in line with its windows."""
    event = Event.objects.get(pk=event_id)
    series = Window.objects.filter(pk=event.subject_id).values_list("series_id", flat=True).first() or event.subject_id
    notices.plan_windows(Window.objects.filter(series_id=series), by=BY)
