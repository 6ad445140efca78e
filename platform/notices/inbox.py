"""Messages read in Causeway: they arrive by themselves when their hour has come, whether or not any mail server answers."""

from django.db.models import F
from django.utils import timezone

from notices.channels import IN_APP
from notices.models import Reminder
from notices.models.reminder import State


def deliver() -> int:
    """Let what is due in the organization in scope arrive; return how many. One statement, so it happens once."""
    now = timezone.now()
    due = Reminder.objects.filter(channel=IN_APP, state=State.DUE, next_at__lte=now)
    return due.update(state=State.SENT, sent_at=now, next_at=None, message=F("id"), attempt=F("attempt") + 1)
