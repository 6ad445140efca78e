"""Who has how much to do in which week, over all deployments of the organization, and where it is too much."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.models.calendar import working_calendar
from onboarding.plans.models.capacity import USUAL_HOURS, Capacity
from onboarding.scheduling.effort import working_days

WEEK = timedelta(days=7)
FIELDS = (
    "deployment_id", "number", "title", "owner", "assignee_id", "due_on", "playbook_item__effort_hours",
    "deployment__site__name", "deployment__program_id",
)  # fmt: skip


@dataclass(slots=True)
class Load:
    """What one person has to do in one week."""

    hours: float = 0.0
    items: list[tuple[UUID, int, str, str]] = field(default_factory=list)
    """Deployment, number, title, site."""


@dataclass(slots=True)
class Person:
    """One person's weeks."""

    id: UUID
    name: str
    hours: int
    """A week with five working days."""
    weeks: dict[date, Load] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Workload:
    """Everybody's weeks; a week is named by its Monday."""

    weeks: list[date]
    days: dict[date, int]
    """Working days of each week."""
    people: list[Person]
    vacant: list[tuple[str, int]]
    """Team roles nobody holds, and how many open items they own."""

    def allowed(self, person: Person, week: date) -> float:
        """Return the hours a person has in a week; holidays take their share."""
        return person.hours * self.days[week] / 5

    def over(self, person: Person, week: date) -> bool:
        """Whether a person has more to do than time."""
        load = person.weeks.get(week)
        return load is not None and load.hours > self.allowed(person, week) + 0.05

    def conflicts(self, program_id: UUID | None = None) -> list[tuple[Person, date, Load]]:
        """Return each week in which somebody has too much, where more than one site wants them."""
        return [
            (person, week, load)
            for person in self.people
            for week, load in sorted(person.weeks.items())
            if self.over(person, week) and len({one[0] for one in load.items}) > 1
        ]


def workload(
    *,
    today: date,
    weeks: int = 8,
    deployment_ids: Collection[UUID] | None = None,
    as_if: Mapping[UUID, date] = {},
) -> Workload:
    """Return the load of the coming weeks, from open items only; five statements.

    An item's effort is spread evenly over the working days that the playbook gives it, ending on its due date; what is
    late counts from today on. It is the assignee's, or else its team role's holder's. `deployment_ids` narrows whose
    weeks are shown to the people of these deployments; their load is what all deployments ask of them. `as_if` gives items
    other due dates than they have, to see what a move would bring.
    """
    calendar = working_calendar()
    first = today - timedelta(days=today.weekday())
    mondays = [first + WEEK * number for number in range(weeks)]
    last = mondays[-1] + WEEK
    items = list(
        Item.objects.open()
        .filter(
            deployment__state__in=[Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK, Deployment.State.LIVE]
        )
        .filter(Q(due_on__lt=last + WEEK * 4) | Q(pk__in=[pk for pk, day in as_if.items() if day < last + WEEK * 4]))
        .filter(completed_by_gate=False)
        .order_by("due_on", "pk")
        .values_list("pk", *FIELDS)
    )
    roles = TeamRole.objects.filter(deployment_id__in={row[1] for row in items})
    holders = {
        (pk, code): (person, title)
        for pk, code, person, title in roles.values_list("deployment_id", "code", "person_id", "title")
    }
    people: dict[UUID, Person] = {}
    vacant: dict[str, int] = defaultdict(int)
    shown: set[UUID] = set()
    for pk, deployment_id, number, title, owner, assignee, planned, effort, site, _program in items:
        due = as_if.get(pk, planned)
        holder, role = holders.get((deployment_id, owner), (None, owner))
        who = assignee or holder
        if who is None:
            vacant[role] += 1
            continue
        person = people.setdefault(who, Person(who, "", USUAL_HOURS))
        person.roles.add(role)
        if deployment_ids is None or deployment_id in deployment_ids:
            shown.add(who)
        days = working_days(effort)
        end = max(calendar.on_or_before(due), calendar.on_or_after(today))
        day = max(calendar.shift(end, 1 - days), calendar.on_or_after(today))
        spread = [day]
        while spread[-1] < end:
            spread.append(calendar.shift(spread[-1], 1))
        share = (effort or 0) / len(spread)
        for one in spread:
            week = one - timedelta(days=one.weekday())
            if week < last:
                load = person.weeks.setdefault(week, Load())
                load.hours += share
                entry = (deployment_id, number, title, site)
                if entry not in load.items:
                    load.items.append(entry)
    for pk, name, email in User.objects.filter(pk__in=people).values_list("pk", "name", "email"):
        people[pk].name = name or email
    for pk, hours in Capacity.objects.filter(user_id__in=people).values_list("user_id", "hours"):
        people[pk].hours = hours
    worked = {week: sum(calendar.is_working(week + timedelta(days=day)) for day in range(5)) for week in mondays}
    chosen = sorted((one for pk, one in people.items() if pk in shown), key=lambda one: one.name)
    return Workload(mondays, worked, chosen, sorted(vacant.items(), key=lambda one: -one[1]))
