"""The nightly sweep: renewals opened before an expiry, and every running deployment's facts stated anew."""

from datetime import timedelta

from django.db import transaction

from audit.actor import Actor
from training.learning.calendar import organization_today
from training.learning.facts import state_training
from training.learning.models import Assignment, Rollout
from training.learning.standing import standings

RENEW_DAYS = 90


@transaction.atomic
def sweep(*, by: Actor) -> dict[str, int]:
    """Run for the organization in scope; return how many renewals were opened and how many deployments stated."""
    today = organization_today()
    soon = today + timedelta(days=RENEW_DAYS)
    renewed = 0
    for standing in standings(Assignment.objects.active(today).filter(required=True).order_by("id"), today):
        completion = standing.completion
        if completion and completion.expires_on <= soon and completion.assignment_id == standing.assignment.pk:
            renewed += standing.assignment.renew(completion.expires_on, after=completion.cycle, by=by)
    rollouts = list(Rollout.objects.running().values_list("pk", flat=True))
    state_training(rollouts)
    return {"renewed": renewed, "stated": len(rollouts)}
