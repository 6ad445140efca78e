"""Trying again what was given up: messages, jobs and what follows from events, each recorded."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models import Reaction
from audit.models.event import record
from notices import audit
from notices.models import JobRun, Reminder
from notices.models.job_run import State as RunState
from notices.models.reminder import State, UnknownMove

MOST = 200
"""Messages that one request sends again."""


@transaction.atomic
def retry_reaction(pk: UUID, *, by: Actor) -> bool:
    """Let a failing reaction be tried now instead of after its wait; return whether it was there."""
    row: Reaction | None = Reaction.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        return False
    if row.attempts and row.next_at > timezone.now():
        row.next_at = timezone.now()
        row.save(update_fields=["next_at"])
        record(audit.REACTION_RETRIED, by=by, subject=row, task=row.task, attempts=row.attempts)
    return True


def retry_messages(*, by: Actor) -> int:
    """Send the messages again that could not be delivered, the oldest first, at most 200; return how many.

    Those to an address that takes no mail stay as they are.
    """
    carriers = Reminder.objects.filter(state=State.FAILED, message__isnull=False).order_by("due_at", "pk")
    sent: set[UUID] = set()
    for row in carriers[: 5 * MOST]:
        if row.message in sent or len(sent) >= MOST:
            continue
        assert row.message
        with suppress(UnknownMove):
            row.resend(by=by)
            sent.add(row.message)
    return len(sent)


def retry_jobs(*, by: Actor) -> int:
    """Run the jobs again that were given up; return how many."""
    runs = list(JobRun.objects.filter(state=RunState.FAILED).order_by("on", "pk")[:MOST])
    for run in runs:
        run.rerun(by=by)
    return len(runs)


def retry_reactions(*, by: Actor) -> int:
    """Try failing reactions now; return how many."""
    rows = list(Reaction.objects.troubled().order_by("next_at", "pk").values_list("pk", flat=True)[:MOST])
    return sum(retry_reaction(pk, by=by) for pk in rows)


KINDS = {"messages": retry_messages, "jobs": retry_jobs, "reactions": retry_reactions}
