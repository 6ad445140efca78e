"""What follows from a rollback trigger."""

from celery import shared_task

from audit.actor import Actor
from audit.models import Event
from notices.models import Reminder
from onboarding.cutover.models import Alarm
from onboarding.cutover.notices import ALARM, tell
from tenancy.tasks import TenantTask

BY = Actor.system("rollback triggers")


@shared_task(base=TenantTask)
def follow_alarm(organization_id: str, event_id: str) -> None:
    """A trigger fired, its deadline lapsed, or somebody decided."""
    event = Event.objects.get(pk=event_id)
    alarm = Alarm.objects.select_related("run").filter(pk=event.data["alarm"]).first()
    if alarm is None:
        return
    if alarm.state == Alarm.State.DECIDED:
        Reminder.cancel([alarm.pk], by=BY, reason="It is decided.", kind=ALARM)
    tell(alarm)
