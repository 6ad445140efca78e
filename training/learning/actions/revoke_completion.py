"""Take a completion back; the learner begins a new round."""

from datetime import timedelta

from django.db import transaction

from audit.actor import Actor
from training.learning.actions.settle import state_counting
from training.learning.calendar import organization_today
from training.learning.models import Assignment, Completion

DAYS_TO_REPEAT = 14


@transaction.atomic
def revoke_completion(completion: Completion, because: str, *, by: Actor) -> None:
    """Revoke with a reason: the course is open again, everything of it, due in two weeks."""
    if completion.revoked_at:
        return
    completion.revoke(because, by=by)
    assignment = Assignment.locked(completion.assignment_id)
    assignment.renew(organization_today() + timedelta(days=DAYS_TO_REPEAT), after=completion.cycle, by=by)
    state_counting([assignment])
