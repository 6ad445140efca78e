"""A superuser signs what they saw."""

from django.db import transaction

from audit.actor import Actor
from training.learning.actions.settle import settle
from training.learning.models import Assignment, ObservedCompetency


@transaction.atomic
def observe(assignment: Assignment, *, seen: list[str], note: str, by: Actor) -> ObservedCompetency:
    """Sign the checklist (see `ObservedCompetency.sign`); it may be the last thing that was missing."""
    signed = ObservedCompetency.sign(assignment, seen=seen, note=note, by=by)
    settle(assignment, by=by)
    return signed
