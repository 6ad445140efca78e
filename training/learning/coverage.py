"""Coverage: of the people who must be trained for a deployment, how many are (domain.md 6.2).

The database counts: a person is a row here, not each course of theirs, so that a large organization's matrix is a
matter of seconds and a single deployment's of milliseconds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from tenancy.scope import current
from training.learning.calendar import organization_today
from training.learning.models import AccessEntry, AccessList, Rollout

# Somebody in a job role at a deployment. A course is passed by a completion that is neither revoked nor expired and has
# every mark the current version asks for; of one that is waived nothing is asked. Several completions of a course give
# several rows, which changes none of the three answers.
PEOPLE = """
select a.deployment_id, a.user_id, l.job_role,
       bool_and(p.id is not null or w.id is not null) as trained, not bool_and(w.id is not null) as required,
       array_agg(distinct a.course_id) filter (where p.id is null and w.id is null) as lacking
from learning_assignment a
join learning_learnerprofile l on l.organization_id = a.organization_id and l.id = a.learner_id
join (select distinct on (course_id) course_id, marks from courses_courseversion
      where organization_id = %(organization)s order by course_id, published_at desc, id desc) v on v.course_id = a.course_id
left join learning_completion p
     on p.organization_id = a.organization_id and p.user_id = a.user_id and p.course_id = a.course_id
    and p.revoked_at is null and p.expires_on >= %(today)s and p.marks @> v.marks
left join learning_exemption w
     on w.organization_id = a.organization_id and w.assignment_id = a.id and w.kind = 'waiver' and w.state = 'granted'
    and w.until >= %(today)s
where a.organization_id = %(organization)s and a.deployment_id = any(%(deployments)s) and a.required
  and a.withdrawn_at is null and l.started_on <= %(today)s and (l.left_on is null or l.left_on > %(today)s)
group by a.deployment_id, a.user_id, l.job_role
"""

# The same in figures: by role and deployment, by deployment, and altogether, where everybody counts once.
FIGURES = f"""
with person as materialized (select deployment_id, user_id, job_role, trained from ({PEOPLE}) every where required)
select deployment_id, job_role, count(*) filter (where trained), count(*) from person group by 1, 2
union all
select deployment_id, null, count(*) filter (where trained), count(*)
from (select deployment_id, user_id, bool_and(trained) as trained from person group by 1, 2) here group by 1
union all
select null, null, count(*) filter (where trained), count(*)
from (select user_id, bool_and(trained) as trained from person group by 1) everywhere
"""  # noqa: S608 - put together from this file alone


@dataclass(frozen=True, slots=True)
class Figure:
    """So many of so many. Nobody required is not everybody trained: the share is then unknown."""

    passed: int
    required: int

    @property
    def share(self) -> float | None:
        """0 to 1, or None where nobody is required."""
        return self.passed / self.required if self.required else None


@dataclass(frozen=True, slots=True)
class Person:
    """A learner in a job role at a deployment."""

    user_id: UUID
    job_role: str
    trained: bool
    """Whether everything required is passed or waived."""
    required: bool
    """Whether anything is required that nobody waived."""
    lacking: tuple[UUID, ...]
    """The courses that are open."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A deployment's people by job role."""

    people: list[Person] = field(default_factory=list)

    @property
    def total(self) -> Figure:
        """Each person once, whatever the number of their roles; trained in all of them."""
        trained: dict[UUID, bool] = {}
        for person in self.people:
            if person.required:
                trained[person.user_id] = trained.get(person.user_id, True) and person.trained
        return Figure(sum(trained.values()), len(trained))

    @property
    def by_role(self) -> dict[str, Figure]:
        """The same by job role, without roles of whom nobody is required."""
        passed: dict[str, int] = defaultdict(int)
        required: dict[str, int] = defaultdict(int)
        for person in self.people:
            if person.required:
                required[person.job_role] += 1
                passed[person.job_role] += person.trained
        return {role: Figure(passed[role], count) for role, count in sorted(required.items())}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of many deployments, without a name in them."""

    by_role: dict[tuple[str, UUID], Figure]
    by_deployment: dict[UUID, Figure]
    everybody: Figure
    """Each person once, wherever they are required; trained everywhere."""


def coverage_of(deployment_ids: Collection[UUID], today: date | None = None) -> dict[UUID, Coverage]:
    """Return the people of each deployment with how they stand, as of today; one statement."""
    found: dict[UUID, list[Person]] = {key: [] for key in deployment_ids}
    for deployment_id, user_id, role, trained, required, lacking in _rows(
        f"{PEOPLE} order by a.user_id, l.job_role", deployment_ids, today
    ):
        found[deployment_id].append(Person(user_id, role, trained, required, tuple(lacking or ())))
    return {key: Coverage(people) for key, people in found.items()}


def figures_of(deployment_ids: Collection[UUID], today: date | None = None) -> Figures:
    """Return the figures of these deployments, as of today; one statement, whatever the number of people."""
    by_role, by_deployment, everybody = {}, {}, Figure(0, 0)
    for deployment_id, role, passed, required in _rows(FIGURES, deployment_ids, today):
        if role is not None:
            by_role[role, deployment_id] = Figure(passed, required)
        elif deployment_id is not None:
            by_deployment[deployment_id] = Figure(passed, required)
        else:
            everybody = Figure(passed, required)
    return Figures(by_role, by_deployment, everybody)


def _rows(statement: str, deployment_ids: Collection[UUID], today: date | None) -> Iterable[tuple[Any, ...]]:
    """Run SQL of our own: it names the organization besides row-level security."""
    if not deployment_ids:
        return []
    values: dict[str, Any] = {
        "organization": current().organization_id,
        "deployments": list(deployment_ids),
        "today": today or organization_today(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def access_without_training(rollout: Rollout, coverage: Coverage) -> list[AccessEntry] | None:
    """Return who has production access without being trained; None where no access list was imported.

    An address that is nobody's here counts: whoever it is, no valid training is known.
    """
    newest = AccessList.objects.newest_of(rollout)
    if newest is None:
        return None
    trained: dict[UUID, bool] = {}
    for person in coverage.people:
        trained[person.user_id] = trained.get(person.user_id, True) and person.trained
    return [
        entry
        for entry in newest.entries.order_by("email")
        if entry.user_id is None or not trained.get(entry.user_id, False)
    ]
