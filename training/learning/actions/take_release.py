"""A tool version comes to a deployment: who needs its delta module is assigned before, what was for the old version ends."""

import copy
from datetime import date

from django.db import transaction

from audit.actor import Actor
from training.learning.actions.apply_rules import Touch, apply_to_rollout, preview_rollout
from training.learning.actions.withdraw_assignment import withdraw_assignment
from training.learning.calendar import organization_today
from training.learning.facts import state_training
from training.learning.models import Assignment, Rollout


def preview_release(rollout: Rollout, version: str, on: date) -> list[Touch]:
    """Return whom the rules in force would touch if that version came on that day, without writing anything."""
    planned = copy.copy(rollout)
    planned.release, planned.release_on = version.strip(), on
    return preview_rollout(planned)


@transaction.atomic
def announce_release(rollout: Rollout, version: str, on: date, *, by: Actor) -> list[Touch]:
    """Announce the version, assign what the rules ask for it, and take it up if its day is here; return what was done."""
    if not rollout.announce(version, on, by=by):
        return []
    done = apply_to_rollout(Rollout.objects.for_page().get(pk=rollout.pk), by=by)
    arrive(rollout, by=by)
    return done


@transaction.atomic
def arrive(rollout: Rollout, *, by: Actor) -> bool:
    """Take up the announced version on its day: courses that rules ask for another version only are withdrawn."""
    if not rollout.arrive(organization_today(), by=by):
        return False
    old = Assignment.objects.of_deployment(rollout.pk).filter(withdrawn_at=None).exclude(rule__tool_version="")
    for assignment in old.exclude(rule=None).select_related("rule", "course").order_by("id"):
        if assignment.rule.tool_version != rollout.tool_version:
            withdraw_assignment(assignment, by=by)
    state_training([rollout.pk])
    return True
