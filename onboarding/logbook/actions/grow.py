"""Put the next items of every routine on the checklists of live deployments."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.actions.add_items import add_items
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.logbook.models import Routine

AHEAD, FAR_AHEAD = timedelta(days=7), timedelta(days=31)


@transaction.atomic
def grow(today: date | None = None, *, by: Actor) -> int:
    """Add what comes round soon and is not there yet; return how many items. Again on the same day adds nothing.

    What fell due before the routine began, or more than a week ago, is not made up for.
    """
    today = today or timezone.localdate()
    routines = list(
        Routine.objects.filter(ended_at=None, deployment__state=Deployment.State.LIVE)
        .select_related("deployment__site", "deployment__playbook_version")
        .order_by("deployment_id", "pk")
    )
    by_deployment: dict[UUID, list[Routine]] = {}
    for routine in routines:
        by_deployment.setdefault(routine.deployment_id, []).append(routine)
    return sum(_grow(found, today, by) for found in by_deployment.values())


def _grow(routines: list[Routine], today: date, by: Actor) -> int:
    deployment = Deployment.locked(routines[0].deployment_id)
    stages = [stage["number"] for stage in routines[0].deployment.playbook_version.stages]
    live = timezone.localdate(deployment.went_live_at)
    calendar = working_calendar(routines[0].deployment.site)
    wanted: list[Item] = []
    for routine in routines:
        since = max(today - AHEAD, timezone.localdate(routine.begun_at))
        for due in routine.occurrences(live, today + FAR_AHEAD, calendar):
            hypercare = routine.in_hypercare(due, live)
            if since <= due <= today + (AHEAD if hypercare else FAR_AHEAD):
                wanted.append(_item(routine, due, live, _stage(stages, hypercare)))
    return len(add_items(deployment.pk, wanted, by=by))


def _item(routine: Routine, due: date, live: date, stage: int) -> Item:
    return Item(
        deployment_id=routine.deployment_id,
        key=f"routine-{routine.pk.hex[-12:]}-{due:%Y%m%d}",
        stage=stage,
        title=f"{routine.title}, {due.day} {due:%b}",
        owner=routine.owner,
        gate_class="informs",
        due_on=due,
        baseline_due_on=due,
        offset_days=(due - live).days,
    )


def _stage(stages: list[int], hypercare: bool) -> int:
    """Hypercare's stage is the eighth of the eleven, what lasts belongs to the last."""
    wanted = 8 if hypercare else stages[-1]
    return wanted if wanted in stages else stages[-1]
