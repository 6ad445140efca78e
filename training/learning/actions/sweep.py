"""The nightly sweep: renewals, reminders that came within reach, and every running deployment's facts stated anew."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from audit.actor import Actor
from facts.models import Fact
from training.learning.actions.take_release import arrive
from training.learning.calendar import organization_today
from training.learning.facts import ACCESS_WITHOUT_TRAINING, state_training
from training.learning.models import Completion, Rollout
from training.learning.notices import plan_due, plan_expiry
from training.learning.standing import Standing, everybodys

RENEW_DAYS = 90
ROLLOUTS_AT_ONCE = 20


@transaction.atomic
def sweep(*, by: Actor) -> dict[str, int]:
    """Run for the organization in scope; return what it did and found."""
    today = organization_today()
    for rollout in Rollout.objects.running().filter(release_on__lte=today).exclude(tool_version=F("release")):
        arrive(rollout, by=by)
    soon = today + timedelta(days=RENEW_DAYS)
    renewed = overdue = 0
    for found in everybodys(today):
        renewed += _renew(
            [row for row in found if row.completion is None or row.completion.expires_on <= soon], soon, by
        )
        overdue += sum(standing.overdue for standing in found)
        plan_due([standing.assignment for standing in found if standing.open], by=by)
        kept = {standing.completion.pk for standing in found if standing.completion}
        plan_expiry(Completion.objects.filter(pk__in=kept).select_related("user").order_by("id"), by=by)
    rollouts = list(Rollout.objects.running().order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(rollouts), ROLLOUTS_AT_ONCE):
        state_training(rollouts[first : first + ROLLOUTS_AT_ONCE])
    access = Fact.objects.filter(subject_id__in=rollouts, kind=ACCESS_WITHOUT_TRAINING.name).current()
    return {
        "renewed": renewed,
        "overdue": overdue,
        "expired": Completion.objects.filter(revoked_at=None, expires_on=today - timedelta(days=1)).count(),
        "access without training": sum(fact.value for fact in access),
        "deployments": len(rollouts),
    }


def _renew(found: list[Standing], soon: date, by: Actor) -> int:
    """Begin the next round where a round's own completion runs out, whether or not it satisfies the present version."""
    rows = {standing.assignment.pk: standing.assignment for standing in found}
    own = Completion.objects.filter(assignment__in=rows, revoked_at=None, cycle=F("assignment__cycle"))
    last = {row.assignment_id: row for row in own.order_by("expires_on")}
    return sum(
        rows[key].renew(row.expires_on, after=row.cycle, by=by) for key, row in last.items() if row.expires_on <= soon
    )
