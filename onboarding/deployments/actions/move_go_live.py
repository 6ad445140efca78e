"""Move a deployment's go-live date, and with it what is still to be done."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.calendar import working_calendar
from onboarding.deployments.models.deployment import CannotMove
from onboarding.deployments.models.progress import progressed


@dataclass(frozen=True, slots=True)
class Shift:
    """One due date that moves."""

    item: Item
    before: date
    after: date


def preview_go_live(deployment: Deployment, go_live_on: date) -> list[Shift]:
    """Return every due date that would move, without moving any. Finished items and hand-set dates stay."""
    calendar = working_calendar(deployment.site)
    planned_on = deployment.planned_on
    shifts = []
    for item in Item.objects.of_deployment(deployment.pk).open().select_related("playbook_item"):
        last = item.offset_days
        if item.playbook_item and item.playbook_item.until_days is not None:
            last = item.playbook_item.until_days
        if item.due_on != calendar.due(deployment.go_live_on, last, planned_on=planned_on):
            continue
        after = calendar.due(go_live_on, last, planned_on=planned_on)
        if after != item.due_on:
            shifts.append(Shift(item, item.due_on, after))
    return shifts


@transaction.atomic
def move_go_live(deployment: Deployment, go_live_on: date, *, by: Actor, reason: str) -> list[Shift]:
    """Move go-live and the open items planned from it; the baseline stays.

    Raises ValueError without a reason, CannotMove for a deployment that is live or discontinued.
    """
    if not reason.strip():
        raise ValueError("Say why go-live moves: everybody on the team will read it.")
    deployment = Deployment.locked(deployment.pk)
    if deployment.go_live_on == go_live_on:
        return []
    if deployment.state not in (Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK):
        raise CannotMove(f"A deployment that is {deployment.get_state_display().lower()} has no go-live to move.")
    shifts = preview_go_live(deployment, go_live_on)
    for shift in shifts:
        shift.item.due_on = shift.after
    Item.objects.bulk_update([shift.item for shift in shifts], ["due_on"])
    before, deployment.go_live_on = deployment.go_live_on, go_live_on
    deployment.save(update_fields=["go_live_on"])
    record(
        audit.GO_LIVE_MOVED,
        by=by,
        subject=deployment,
        before=before.isoformat(),
        after=go_live_on.isoformat(),
        moved=len(shifts),
        reason=reason,
    )
    progressed(deployment.pk, by)
    return shifts
