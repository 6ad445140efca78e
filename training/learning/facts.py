"""The facts that gates read about training. They decay: a nightly sweep states them anew."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from facts.kinds import Kind, kind
from facts.models import Fact, state, together
from training.learning.models import Rollout

COVERAGE = kind(
    "training.coverage",
    "Share of required, active learners who passed the current version of all their courses, 0 to 1",
    subject="deployment",
    value_type=float,
    source="training",
    fresh_for=timedelta(days=2),
    unit="share",
    page="training:coverage",
)
COVERAGE_BY_ROLE = kind(
    "training.coverage_by_role",
    "By job role: how many passed, of how many required",
    subject="deployment",
    value_type=dict,
    source="training",
    fresh_for=timedelta(days=2),
)
ACCESS_WITHOUT_TRAINING = kind(
    "training.access_without_training",
    "People with production access but no valid training, by the last access list",
    subject="deployment",
    value_type=int,
    source="training",
    fresh_for=timedelta(days=2),
    unit="people",
    page="training:access",
)
SHIFTS_SHORT = kind(
    "training.shifts_short_of_superusers",
    "Shifts planned for go-live that have too few certified superusers; unknown where no shift is planned",
    subject="deployment",
    value_type=int,
    source="training",
    fresh_for=timedelta(days=2),
    unit="shifts",
    page="training:shifts",
)


def state_training(deployment_ids: Collection[UUID | None]) -> None:
    """State what training knows of these deployments, in the transaction that changed it; unknown is no fact."""
    from training.learning.coverage import access_without_training, coverage_of
    from training.learning.shifts import shifts_of

    rollouts = list(Rollout.objects.filter(pk__in={key for key in deployment_ids if key}).order_by("pk"))
    found = coverage_of([rollout.pk for rollout in rollouts])
    shifts = shifts_of(rollouts, found)
    with together():
        for rollout in rollouts:
            coverage = found[rollout.pk]
            share = coverage.total.share
            _say(COVERAGE, share, rollout)
            by_role = {role: [figure.passed, figure.required] for role, figure in coverage.by_role.items()}
            _say(COVERAGE_BY_ROLE, by_role or None, rollout)
            without = access_without_training(rollout, coverage)
            _say(ACCESS_WITHOUT_TRAINING, None if without is None else len(without), rollout)
            planned = shifts[rollout.pk]
            _say(SHIFTS_SHORT, sum(one.short > 0 for one in planned) if planned else None, rollout)


def _say(what: Kind, value: object, rollout: Rollout) -> None:
    if value is not None:
        state(what, value, subject=rollout, deployment_id=rollout.pk)
        return
    standing = Fact.objects.about(rollout.pk).filter(kind=what.name).current().first()
    if standing and standing.valid_until is None:
        # What was said holds no more, and nothing takes its place: the last value lapses now.
        now = timezone.now()
        state(what, standing.value, subject=rollout, deployment_id=rollout.pk, observed_at=now, valid_until=now)
