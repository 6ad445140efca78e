"""How assignments stand: passed in the current version and not expired, waived, or open (domain.md 6.2)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from training.courses.models import CourseVersion
from training.learning.calendar import organization_today
from training.learning.models import Assignment, Completion, Exemption

PEOPLE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """An assignment with what counts for it today."""

    assignment: Assignment
    completion: Completion | None
    """The valid completion that lasts longest and satisfies the current version, of whatever assignment."""
    waived: bool
    today: date

    @property
    def passed(self) -> bool:
        """Whether the course is passed in its current version and not expired."""
        return self.completion is not None

    @property
    def open(self) -> bool:
        """Whether something is left to do."""
        return not self.passed and not self.waived

    @property
    def overdue(self) -> bool:
        """Whether it is open past its date."""
        due = self.assignment.due_on
        return self.open and due is not None and due < self.today


def standings(assignments: Iterable[Assignment], today: date | None = None) -> list[Standing]:
    """Return the standing of each assignment, in order; three queries whatever their number."""
    rows = list(assignments)
    day = today or organization_today()
    courses = {row.course_id for row in rows}
    current = {
        version.course_id: version
        for version in CourseVersion.objects.filter(course_id__in=courses).current().defer("document")
    }
    best: dict[tuple[UUID, UUID], Completion] = {}
    found = Completion.objects.valid_on(day).filter(user_id__in={row.user_id for row in rows}, course_id__in=courses)
    for completion in found.order_by("expires_on", "id"):
        if current[completion.course_id].satisfied_by(completion.marks):
            best[completion.user_id, completion.course_id] = completion
    waived = set(
        Exemption.objects.waivers_on(day)
        .filter(assignment_id__in=[row.pk for row in rows])
        .values_list("assignment_id", flat=True)
    )
    return [Standing(row, best.get((row.user_id, row.course_id)), row.pk in waived, day) for row in rows]


def everybodys(today: date) -> Iterator[list[Standing]]:
    """Yield the standings of everybody who is there, some people at a time: those of a large organization fill the memory."""
    rows = Assignment.objects.active(today)
    people = list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())
    for first in range(0, len(people), PEOPLE_AT_ONCE):
        yield standings(rows.filter(user_id__in=people[first : first + PEOPLE_AT_ONCE]).order_by("id"), today)
