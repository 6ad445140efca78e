"""What was given up in the organization in scope, as a page lists it."""

from dataclasses import dataclass

from audit.models import Reaction
from notices import jobs
from notices.models import JobRun, Reminder
from notices.models.job_run import State as RunState
from notices.models.reminder import State

SHOWN = 50


@dataclass(frozen=True, slots=True)
class DeadRows:
    """The oldest of each kind, and how many there are."""

    messages: list[Reminder]
    message_count: int
    runs: list[JobRun]
    run_count: int
    reactions: list[Reaction]
    reaction_count: int
    job_titles: dict[str, str]

    @property
    def count(self) -> int:
        """How many rows wait for somebody."""
        return self.message_count + self.run_count + self.reaction_count


def dead_rows() -> DeadRows:
    """Return what was given up or keeps failing. Needs the organization's scope."""
    failed = Reminder.objects.filter(state=State.FAILED)
    runs = JobRun.objects.filter(state=RunState.FAILED)
    reactions = Reaction.objects.troubled()
    return DeadRows(
        messages=list(failed.select_related("recipient").order_by("due_at", "pk")[:SHOWN]),
        message_count=failed.count(),
        runs=list(runs.order_by("on", "pk")[:SHOWN]),
        run_count=runs.count(),
        reactions=list(reactions.order_by("next_at", "pk")[:SHOWN]),
        reaction_count=reactions.count(),
        job_titles={job.name: job.title for job in jobs.all_jobs()},
    )
