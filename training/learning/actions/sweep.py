"""The nightly sweep: renewals, reminders that came within reach, and every running deployment's facts stated anew."""

from datetime import timedelta

from django.db import transaction

from audit.actor import Actor
from facts.models import Fact
from training.learning.calendar import organization_today
from training.learning.facts import ACCESS_WITHOUT_TRAINING, state_training
from training.learning.models import Assignment, Completion, Rollout
from training.learning.notices import plan_due, plan_expiry
from training.learning.standing import standings

RENEW_DAYS = 90


@transaction.atomic
def sweep(*, by: Actor) -> dict[str, int]:
    """Run for the organization in scope; return what it did and found."""
    today = organization_today()
    soon = today + timedelta(days=RENEW_DAYS)
    found = standings(Assignment.objects.active(today).order_by("id"), today)
    renewed = 0
    for standing in found:
        completion = standing.completion
        mine = completion is not None and completion.assignment_id == standing.assignment.pk
        if completion and mine and standing.assignment.required and completion.expires_on <= soon:
            renewed += standing.assignment.renew(completion.expires_on, after=completion.cycle, by=by)
    plan_due([standing.assignment for standing in found if standing.open], by=by)
    kept = {standing.completion.pk for standing in found if standing.completion}
    plan_expiry(Completion.objects.filter(pk__in=kept).select_related("user").order_by("id"), today)
    rollouts = list(Rollout.objects.running().values_list("pk", flat=True))
    state_training(rollouts)
    access = Fact.objects.filter(subject_id__in=rollouts, kind=ACCESS_WITHOUT_TRAINING.name).current()
    return {
        "renewed": renewed,
        "overdue": sum(standing.overdue for standing in found),
        "expired": Completion.objects.filter(revoked_at=None, expires_on=today - timedelta(days=1)).count(),
        "access without training": sum(fact.value for fact in access),
        "deployments": len(rollouts),
    }
