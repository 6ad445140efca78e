"""Messages read in Causeway: they arrive by themselves when their hour has come, whether or not any mail server answers."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from notices import judging
from notices.channels import IN_APP
from notices.models import Reminder
from notices.models.reminder import State

AT_ONCE = 1000


@transaction.atomic
def deliver() -> int:
    """Let what is due in the organization in scope arrive, where it is still wanted; return how much did.

    What another worker has in its hands is passed over.
    """
    due = Reminder.objects.filter(channel=IN_APP, state=State.DUE, next_at__lte=timezone.now())
    waiting = due.select_related("recipient").order_by("next_at", "pk")
    rows = list(waiting.select_for_update(no_key=True, skip_locked=True, of=("self",))[:AT_ONCE])
    if not rows:
        return 0
    judged = judging.Judgement(rows)
    left_out, titles, now = judged.left_out(rows), judged.titles(rows), timezone.now()
    for row in rows:
        row.next_at, row.title = None, titles.get(row.pk, "")[:200]
        row.message, row.attempt = row.pk, row.attempt + 1
        if reason := left_out.get(row.pk):
            row.state = State.FAILED if row.pk in judged.broken else State.CANCELLED
            row.last_error = reason[:300]
        else:
            row.state, row.sent_at, row.last_error = State.SENT, now, ""
    changed: list[Any] = ["state", "next_at", "title", "message", "attempt", "last_error", "sent_at"]
    Reminder.objects.bulk_update(rows, changed, batch_size=500)
    return len(rows) - len(left_out)
