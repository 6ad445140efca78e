"""Complete an assignment as soon as nothing is missing any more."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from audit.actor import Actor
from training.courses.marks import ATTESTATION
from training.learning.facts import state_training
from training.learning.models import Assignment, Attestation, Completion, LessonProgress, ObservedCompetency
from training.learning.notices import forget


@dataclass(frozen=True, slots=True)
class Missing:
    """What an assignment still wants in its present round."""

    lessons: list[str]
    attestation: bool
    observation: bool

    def __bool__(self) -> bool:
        """Whether anything is missing."""
        return bool(self.lessons) or self.attestation or self.observation


def missing(assignment: Assignment) -> Missing:
    """Return what is missing; lessons (and the final test) in the order of the course."""
    version = assignment.version
    passed = {(row.lesson, row.mark) for row in LessonProgress.objects.of_round(assignment).passed()}
    completions = list(Completion.objects.of_round(assignment))
    for completion in completions:
        passed |= set(completion.marks.items())
    mark = version.marks.get(ATTESTATION)
    covered = bool(completions) and (mark is None or (ATTESTATION, mark) in passed)
    return Missing(
        [key for key in version.content_keys if (key, version.marks[key]) not in passed],
        version.content.attestation is not None and not covered and Attestation.of(assignment) is None,
        version.content.observation is not None and ObservedCompetency.passing(assignment) is None,
    )


@transaction.atomic
def settle(assignment: Assignment, *, by: Actor) -> Completion | None:
    """Write the completion if nothing is missing, and state the coverage of every deployment it counts for."""
    assignment = Assignment.locked(assignment.pk)
    if missing(assignment):
        return None
    completion = Completion.reach(assignment, by=by)
    same = Assignment.objects.filter(user_id=assignment.user_id, course_id=assignment.course_id)
    forget(list(same.values_list("pk", flat=True)), by=by)
    state_counting([assignment])
    return completion


def state_counting(assignments: Collection[Assignment]) -> None:
    """State the coverage of all deployments at which one of these persons has to pass that course."""
    pairs = {(row.user_id, row.course_id) for row in assignments}
    same = Assignment.objects.filter(
        user_id__in={user for user, _ in pairs}, course_id__in={course for _, course in pairs}, withdrawn_at=None
    )
    rows = same.values_list("user_id", "course_id", "deployment_id")
    state_training({deployment for user, course, deployment in rows if (user, course) in pairs})
