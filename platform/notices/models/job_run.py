"""A scheduled job of one organization on one day: visible, counted, and able to run again."""

from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices import audit
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from tenancy.scope import current

LEASE = timedelta(minutes=16)
"""Longer than a task may take (CELERY_TASK_TIME_LIMIT): a run whose lease lapsed is dead."""
TRIES = 5


class State(models.TextChoices):
    """Where a run stands."""

    DUE = "due", "Waits"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


MOVES: dict[State, frozenset[State]] = {
    State.DUE: frozenset({State.RUNNING}),
    State.RUNNING: frozenset({State.RUNNING, State.DONE, State.DUE, State.FAILED}),
    State.DONE: frozenset({State.DUE}),
    State.FAILED: frozenset({State.DUE}),
}


class UnknownMove(Exception):
    """A run cannot go from this state to that one."""


class JobRunQuerySet(TenantQuerySet["JobRun"]):
    """Named filters over runs."""

    def newest_of_each(self) -> "JobRunQuerySet":
        """The newest run of each job."""
        return self.order_by("organization_id", "job", "-on").distinct("organization_id", "job")


class JobRun(TenantModel):
    """One run, unique by organization, job and local date."""

    history = False
    steward_columns: ClassVar[tuple[str, ...]] = ("id", "organization_id", "state", "next_at")

    job = models.CharField(max_length=40)
    on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    next_at = models.DateTimeField(null=True, default=timezone.now)
    attempt = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict)
    last_error = models.CharField(max_length=300, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(JobRunQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "job", "on"], name="job_run_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_run_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "organization"], name="queue_job_run", condition=Q(state__in=["due", "running"])
            ),
            models.Index(fields=["organization", "on"], name="queue_job_run_failed", condition=Q(state="failed")),
        ]

    @classmethod
    def plan(cls, job: str, on: date) -> None:
        """Make the run of that day exist."""
        row = cls(organization_id=current().organization_id, job=job, on=on)
        cls.objects.bulk_create([row], ignore_conflicts=True)

    @classmethod
    @transaction.atomic
    def claim(cls, pk: UUID) -> "JobRun | None":
        """Take the run for this worker; None if it is done, not due, or in another's hands."""
        rows = cls.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        run: JobRun | None = rows.filter(
            pk=pk, state__in=[State.DUE, State.RUNNING], next_at__lte=timezone.now()
        ).first()
        if run is None:
            return None
        now = timezone.now()
        run._go(State.RUNNING, next_at=now + LEASE, started_at=now, attempt=run.attempt + 1)
        return run

    @transaction.atomic
    def finish(self, counts: dict[str, int], *, by: Actor) -> None:
        """Write down what the run counted."""
        run = self.locked(self.pk)
        if run.state == State.DONE:
            return
        run._go(State.DONE, next_at=None, finished_at=timezone.now(), counts=counts, last_error="")
        record(audit.JOB_FINISHED, by=by, subject=run, job=run.job, on=run.on.isoformat(), counts=counts)

    @transaction.atomic
    def fail(self, error: str, *, by: Actor) -> None:
        """Write down why the run failed; it is tried again later, and given up after some tries."""
        run = self.locked(self.pk)
        if run.state != State.RUNNING:
            return
        now = timezone.now()
        if run.attempt < TRIES:
            run._go(State.DUE, next_at=now + timedelta(minutes=2**run.attempt), last_error=error[:300])
            return
        run._go(State.FAILED, next_at=None, finished_at=now, last_error=error[:300])
        record(audit.JOB_FAILED, by=by, subject=run, job=run.job, on=run.on.isoformat())

    @transaction.atomic
    def rerun(self, *, by: Actor) -> None:
        """Run it once more; nothing happens while it waits or runs."""
        run = self.locked(self.pk)
        if run.state in (State.DUE, State.RUNNING):
            return
        run._go(State.DUE, next_at=timezone.now(), attempt=0, last_error="")
        record(audit.JOB_RERUN, by=by, subject=run, job=run.job, on=run.on.isoformat())

    def _go(self, state: State, **values: Any) -> None:
        if state not in MOVES[State(self.state)]:
            raise UnknownMove(f"The job {self.job} of {self.on} cannot go from {self.state} to {state}.")
        self.state = state
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *values])
