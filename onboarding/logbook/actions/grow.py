"""Put the next items of every routine on the checklists of live deployments."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record_many
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.deployments.models.progress import progressed
from onboarding.logbook import audit
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
    known = set(
        Item.objects.filter(deployment=deployment, key__in=[one.key for one in wanted]).values_list("key", flat=True)
    )
    new = [item for item in wanted if item.key not in known]
    if not new:
        return 0
    last = Item.objects.filter(deployment=deployment).aggregate(last=Max("number"))["last"] or 0
    for number, item in enumerate(new, last + 1):
        item.number = number
    Item.objects.bulk_create(new)
    subjects = [(item, {"number": item.number, "title": item.title}) for item in new]
    record_many(audit.ITEM_ADDED, by=by, subjects=subjects)
    progressed(deployment.pk, by)
    return len(new)


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
