"""Grant or refuse a waiver or an equivalence."""

from django.db import transaction

from audit.actor import Actor
from training.learning.actions.settle import state_counting
from training.learning.models import Assignment, Completion, Exemption


@transaction.atomic
def decide_exemption(exemption: Exemption, *, granted: bool, by: Actor) -> None:
    """Decide as a second person; a granted equivalence is a completion, a granted waiver leaves the denominator."""
    state = Exemption.State.GRANTED if granted else Exemption.State.REFUSED
    if not exemption.decide(state, by=by) or not granted:
        return
    assignment = Assignment.locked(exemption.assignment_id)
    if exemption.kind == Exemption.Kind.EQUIVALENCE:
        Completion.reach(assignment, by=by, kind=Completion.Kind.EQUIVALENCE)
    state_counting([assignment])
