"""The rows of a fault run: organizations, people, and reminders spread over some minutes."""

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from access.permissions import Role
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from audit.actor import Actor
from notices.models import JobRun, Reminder, ReminderPolicy, Wanted
from tenancy.ids import uuid7
from tenancy.models import Organization
from tenancy.scope import current, scope
from testing.faults.ground import FAR
from testing.faults.notices import ALONE, DIGEST, POISON, done_list

SEEDER = Actor.system("fault run")
ORGANIZATIONS, PEOPLE = 20, 10
CHANGES = {"dst-spring": (date(2027, 3, 14), time(2, 30)), "dst-autumn": (date(2027, 11, 7), time(1, 30))}
"""New York's half past two that does not exist, and its half past one that exists twice."""
DIGEST_SHARE = 10
"""One reminder of so many goes into a digest."""


def seed(count: int, seconds: float | None, batch: str) -> None:
    """Write `count` reminders that fall due within so many seconds from now; None: when the run says so.

    Every batch has organizations of its own.
    """
    organizations = [_organization(f"{batch}-{number}") for number in range(min(ORGANIZATIONS, max(1, count // 20)))]
    for number, (organization_id, people) in enumerate(organizations):
        share = count // len(organizations) + (1 if number < count % len(organizations) else 0)
        with scope(organization_id):
            if change := CHANGES.get(batch):
                _at_the_change(share, people, *change)
                continue
            Reminder.schedule(_wanted(share, people))
            _keep_their_moments()
            if seconds is None:
                Reminder.objects.update(due_at=FAR, next_at=FAR)
            else:
                _spread(organization_id, seconds)


def _at_the_change(count: int, people: list[User], day: date, hour: time) -> None:
    """Let them fall due by the product's own reckoning at a local time that the clock's change skips or repeats."""
    ReminderPolicy.change(by=SEEDER, digest_at=hour, quiet_from=time(12), quiet_until=time(12, 1))
    Reminder.schedule(replace(each, on=day, zone="America/New_York") for each in _wanted(count, people))


def poison(batch: str, count: int) -> None:
    """Add reminders that nobody can describe to a batch of one organization."""
    organization = Organization.objects.get(slug=f"{batch}-0")
    with scope(organization.pk):
        people = list(User.objects.filter(email__endswith=f"@{organization.slug}.example").order_by("email"))
        Reminder.schedule(replace(each, kind=POISON) for each in _wanted(count, people))
        Reminder.objects.filter(kind=POISON.name).update(due_at=FAR, next_at=FAR)


def cancel(batch: str) -> None:
    """Take back, by the product's verb, the reminders of every subject that the run says is done."""
    organization = Organization.objects.get(slug=f"{batch}-0")
    with scope(organization.pk):
        Reminder.cancel([UUID(line) for line in done_list().read_text().split()], by=SEEDER, reason="Done meanwhile.")


def _organization(slug: str) -> tuple[UUID, list[User]]:
    people = User.objects.bulk_create(
        [User(email=f"person.{number}@{slug}.example", name=f"Person {number}") for number in range(PEOPLE)]
    )
    made = create_organization(
        name=f"Faults {slug}", slug=slug, kind=Organization.Kind.HEALTH, owner=people[0], by=SEEDER
    )
    with scope(made.pk):
        for person in people[1:]:
            Membership.add(person, roles=[Role.CONTRIBUTOR], by=SEEDER)
    return made.pk, people


def _wanted(count: int, people: list[User]) -> list[Wanted]:
    today = timezone.localdate()
    return [
        Wanted(
            recipient=people[number % len(people)],
            kind=DIGEST if number % DIGEST_SHARE == 0 else ALONE,
            subject_type="notices.fault",
            subject_id=uuid7(),
            step="0",
            on=today,
            reason="Fault run.",
        )
        for number in range(count)
    ]


def _keep_their_moments() -> None:
    """Let the nightly job find its work done: it would move every reminder to the hour at which digests go out."""
    today = timezone.localdate()
    JobRun.objects.bulk_create(
        JobRun(
            organization_id=current().organization_id,
            job="reminder_times",
            on=today + timedelta(days=days),
            state="done",
            next_at=None,
        )
        for days in (-1, 0, 1)
    )


def _spread(organization_id: UUID, seconds: float) -> None:
    """Spread what goes out alone; the digest of a person falls due at one moment, as it does in life."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "with spread as (select id, %s::timestamptz + case when apart then random() else 0.3 end * %s::interval as at"
            "  from notices_reminder where organization_id = %s and state = 'due')"
            " update notices_reminder r set due_at = s.at, next_at = s.at from spread s where r.id = s.id",
            [now, f"{seconds} seconds", organization_id],
        )
