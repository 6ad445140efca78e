"""Take a course back from a learner."""

from django.db import transaction

from audit.actor import Actor
from training.learning.facts import state_training
from training.learning.models import Assignment
from training.learning.notices import forget


@transaction.atomic
def withdraw_assignment(assignment: Assignment, *, by: Actor) -> None:
    """Withdraw it, forget its reminders and state the coverage anew."""
    assignment.withdraw(by=by)
    forget([assignment.pk], by=by)
    state_training([assignment.deployment_id])
