"""Scheduled jobs: a closed list, each an hour of the day in UTC and a function that counts what it did.

    @job("nightly_audit", "Nightly audit", hour=3)
    def nightly_audit(organization: Organization) -> dict[str, int]: ...

The function runs in the organization's scope in one transaction, and may run again for the same day.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models import Cursor
from audit.timer import every
from notices import times
from notices.models import JobRun, Reminder
from tenancy.models import Organization
from tenancy.scope import scope

log = logging.getLogger(__name__)

Work = Callable[[Organization], dict[str, int]]
LATEST = timedelta(hours=20)
"""A run that could not be planned in its hour is made up for within this time."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something done for every organization by the clock."""

    name: str
    title: str
    work: Work
    hour: int
    """Of the day in UTC."""
    weekdays: frozenset[int]
    """Monday is 0; empty: every day."""

    def slots(self, now: datetime) -> list[datetime]:
        """Return its scheduled hours that have come within the time in which they are still made up for."""
        first = (now - LATEST).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        hours = [first + timedelta(hours=number) for number in range(int(LATEST / timedelta(hours=1)) + 1)]
        return [
            hour
            for hour in hours
            if hour <= now and hour.hour == self.hour and (not self.weekdays or hour.weekday() in self.weekdays)
        ]


_jobs: dict[str, Job] = {}


def job(name: str, title: str, *, hour: int, weekdays: Collection[int] = ()) -> Callable[[Work], Work]:
    """Declare a job; raise ValueError if the name is taken or an hour is none."""

    def declare(work: Work) -> Work:
        if name in _jobs:
            raise ValueError(f"The job {name} is declared twice.")
        if hour not in range(24) or not set(weekdays) <= set(range(7)):
            raise ValueError(f"The job {name} has no such hour or weekday.")
        _jobs[name] = Job(name, title, work, hour, frozenset(weekdays))
        return work

    return declare


def all_jobs() -> list[Job]:
    """Return all jobs by title."""
    return sorted(_jobs.values(), key=lambda each: each.title)


def find(name: str) -> Job | None:
    """Return the job of that name; None for one that is no longer declared."""
    return _jobs.get(name)


def name_in_words(name: str) -> str:
    """Return what people call a job: its title up to what it does."""
    found = find(name)
    return found.title.partition(":")[0] if found else name.replace("_", " ")


@every(60, "job plan")
def plan_due() -> int:
    """Make the runs whose hour has come exist, once an hour; return how many organizations were planned for."""
    with transaction.atomic():
        cursor = Cursor.take("job plan")
        now = timezone.now()
        if cursor is None or (cursor.moved_at and _hour(cursor.moved_at) == _hour(now)):
            return 0
        wanted = [(each.name, slot) for each in _jobs.values() for slot in each.slots(now.astimezone(UTC))]
        organizations = list(Organization.objects.values_list("pk", "time_zone")) if wanted else []
        for organization_id, zone in organizations:
            with scope(organization_id):
                for name, slot in wanted:
                    JobRun.plan(name, local_date(slot, zone))
        cursor.move()
    return len(organizations)


@every(15, "job sweep")
def sweep() -> int:
    """Ring for runs that wait; run one here if nobody can be rung. Return how many wait."""
    with connections["steward"].cursor() as steward:
        steward.execute(
            "select organization_id, id from notices_jobrun where state in ('due', 'running') and next_at <= %s"
            " order by next_at limit 500",
            [timezone.now()],
        )
        waiting: list[tuple[UUID, UUID]] = steward.fetchall()
    for organization_id, pk in waiting:
        if not ring(organization_id, pk):
            run(organization_id, pk)
            break
    return len(waiting)


def ring(organization_id: UUID, pk: UUID) -> bool:
    """Tell the workers of a run; False if nobody can be told."""
    from notices.tasks import run_job

    try:
        run_job.apply_async(args=(str(organization_id), str(pk)), expires=60)
    except Exception as error:
        log.warning("the workers could not be told of a job (%s)", error)
        return False
    return True


def run(organization_id: UUID, pk: UUID) -> bool:
    """Run it if it is due and nobody else does; return whether it was done."""
    with scope(organization_id):
        claimed = JobRun.claim(pk)
    if claimed is None:
        return False
    actor = Actor.system(f"job {claimed.job}")
    declared = find(claimed.job)
    try:
        if declared is None:
            raise LookupError(f"No app declares the job {claimed.job}.")
        with scope(organization_id):
            counts = declared.work(Organization.objects.get(pk=organization_id))
            claimed.finish(counts, by=actor)
    except Exception as error:
        log.exception("the job %s failed", claimed.job)
        with scope(organization_id):
            claimed.fail(f"{type(error).__name__}: {error}", by=actor)
        return False
    return True


def local_date(slot: datetime, zone: str) -> date:
    """Return the organization's date at that moment."""
    return slot.astimezone(times.zone_of(zone)).date()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


@job("reminder_times", "Reminder times", hour=2)
def reminder_times(organization: Organization) -> dict[str, int]:
    """Move waiting reminders whose person's time zone or quiet hours have changed."""
    return {"moved": Reminder.retime()}
