"""Coverage: of the people who must be trained for a deployment, how many are (domain.md 6.2)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from training.learning.calendar import organization_today
from training.learning.models import AccessEntry, AccessList, Assignment, Rollout
from training.learning.standing import Standing, standings


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
    """A learner in a job role at a deployment, with all that is required of them there."""

    user_id: UUID
    job_role: str
    standings: list[Standing]

    @property
    def trained(self) -> bool:
        """Whether everything required is passed or waived."""
        return not any(standing.open for standing in self.standings)

    @property
    def required(self) -> bool:
        """Whether anything is required that nobody waived."""
        return not all(standing.waived for standing in self.standings)


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


def coverage_of(deployment_ids: Collection[UUID], today: date | None = None) -> dict[UUID, Coverage]:
    """Return the coverage of each deployment, as of today."""
    day = today or organization_today()
    required = Assignment.objects.active(day).filter(deployment_id__in=deployment_ids, required=True)
    grouped: dict[UUID, dict[tuple[UUID, str], list[Standing]]] = {key: defaultdict(list) for key in deployment_ids}
    for standing in standings(required.order_by("id"), day):
        learner = standing.assignment.learner
        deployment_id = standing.assignment.deployment_id
        assert deployment_id is not None
        grouped[deployment_id][learner.user_id, learner.job_role].append(standing)
    return {
        deployment_id: Coverage([Person(user_id, role, rows) for (user_id, role), rows in people.items()])
        for deployment_id, people in grouped.items()
    }


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
