"""Move go-live, kick-off or an item's date, with all that follows; take a move back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.models.deployment import CannotMove
from onboarding.deployments.models.progress import progressed
from onboarding.plans.models import DateMove
from onboarding.plans.preview import (
    GO_LIVE,
    KICK_OFF,
    CannotMoveDate,
    Preview,
    preview_forward,
    preview_go_live,
    preview_item,
    preview_kick_off,
)

MOVABLE = (Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK)


@transaction.atomic
def move_go_live(deployment: Deployment, go_live_on: date, *, by: Actor, reason: str) -> DateMove | None:
    """Move go-live and the open items planned from it; the baseline stays. The date it has already changes nothing.

    Raises ValueError without a reason, CannotMove for a deployment that is live or discontinued.
    """
    needs_reason(reason, "Say why go-live moves: everybody on the team will read it.")
    deployment = Deployment.locked(deployment.pk)
    if deployment.go_live_on == go_live_on:
        return None
    _refuse_unless_moving(deployment)
    return apply_go_live(deployment, preview_go_live(deployment, go_live_on, today=timezone.localdate()), by, reason)


def apply_go_live(deployment: Deployment, preview: Preview, by: Actor, reason: str) -> DateMove:
    """Do what a preview of another go-live shows; the deployment is locked, and may move."""
    move = _apply(deployment, preview, by, reason)
    _set_go_live(deployment, preview.after, len(preview.shifts), by, reason)
    return move


@transaction.atomic
def move_kick_off(deployment: Deployment, kick_off_on: date, *, by: Actor, reason: str) -> DateMove | None:
    """Move kick-off and the open items counted from it; go-live and the baseline stay. The date it has changes nothing.

    Raises ValueError without a reason, CannotMoveDate for a day after go-live, CannotMove for one that is live or ended.
    """
    needs_reason(reason, "Say why kick-off moves: everybody on the team will read it.")
    deployment = Deployment.locked(deployment.pk)
    if deployment.kick_off_on == kick_off_on:
        return None
    _refuse_unless_moving(deployment)
    move = _apply(deployment, preview_kick_off(deployment, kick_off_on, today=timezone.localdate()), by, reason)
    _set_kick_off(deployment, kick_off_on, len(move.shifts), by, reason)
    return move


@transaction.atomic
def move_item(deployment: Deployment, item_id: UUID, due_on: date, *, by: Actor, reason: str) -> DateMove | None:
    """Set an item's date by hand, and move what waits for it later where it must; the baseline stays.

    From then on the item stays when go-live moves. The date it has already changes nothing.
    Raises ValueError without a reason, CannotMoveDate for an item that is not open.
    """
    needs_reason(reason, "Say why the date moves: whoever waits for the item will read it.")
    deployment = Deployment.locked(deployment.pk)
    _refuse_unless_moving(deployment, also=(Deployment.State.LIVE,))
    preview = preview_item(deployment, item_id, due_on, today=timezone.localdate())
    if not preview.shifts or preview.item is None:
        return None
    move = _apply(deployment, preview, by, reason)
    why = f"moved {preview.item} from {preview.before:%-d %b %Y} to {due_on:%-d %b %Y}"
    record(
        audit.DATES_MOVED,
        by=by,
        subject=deployment,
        why=why,
        moved=len(preview.shifts),
        item=str(item_id),
        reason=reason,
    )
    progressed(deployment.pk, by)
    return move


@transaction.atomic
def pull_forward(deployment: Deployment, *, by: Actor, reason: str = "") -> DateMove | None:
    """Take up the time that early finishes won: somebody confirmed it. Nothing to win changes nothing."""
    deployment = Deployment.locked(deployment.pk)
    _refuse_unless_moving(deployment)
    preview = preview_forward(deployment, today=timezone.localdate())
    if not preview.shifts:
        return None
    move = _apply(deployment, preview, by, reason or "Earlier items were finished early.")
    record(audit.DATES_MOVED, by=by, subject=deployment, why="pulled work forward", moved=len(preview.shifts))
    progressed(deployment.pk, by)
    return move


@transaction.atomic
def undo_move(move: DateMove, *, by: Actor) -> None:
    """Put every date back as it was before the move; twice is once.

    Raises CannotMoveDate, naming what is in the way, when a date was moved again or an item was finished since.
    """
    deployment = Deployment.locked(move.deployment_id)
    move = DateMove.locked(move.pk)
    if move.undone_at:
        return
    shifts = {UUID(pk): rest for pk, *rest in move.shifts}
    items = list(
        Item.objects.filter(pk__in=shifts).select_for_update(no_key=True, of=("self",)).order_by("number", "pk")
    )
    _refuse_if_changed(deployment, move, items, shifts)
    for item in items:
        before, _, fixed_before, _ = shifts[item.pk]
        item.due_on, item.due_fixed, item.version = date.fromisoformat(before), fixed_before, item.version + 1
    Item.objects.bulk_update(items, ["due_on", "due_fixed", "version"])
    move.undone_at, move.undone_by_id = timezone.now(), by.id
    move.save(update_fields=["undone_at", "undone_by_id"])
    if move.kind == GO_LIVE:
        _set_go_live(deployment, move.before, len(items), by, "The move was undone.")
        return
    if move.kind == KICK_OFF:
        _set_kick_off(deployment, move.before, len(items), by, "The move was undone.")
        return
    record(audit.DATES_MOVED, by=by, subject=deployment, why="undid a move of dates", moved=len(items))
    progressed(deployment.pk, by)


def _apply(deployment: Deployment, preview: Preview, by: Actor, reason: str) -> DateMove:
    moved = {shift.item.id: shift for shift in preview.shifts}
    items = list(Item.objects.filter(pk__in=moved).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    kept: list[list[Any]] = []
    for item in items:
        shift = moved[item.pk]
        fixed = item.due_fixed or (preview.item is not None and preview.item.id == item.pk)
        kept.append([str(item.pk), shift.before.isoformat(), shift.after.isoformat(), item.due_fixed, fixed])
        item.due_on, item.due_fixed, item.version = shift.after, fixed, item.version + 1
    Item.objects.bulk_update(items, ["due_on", "due_fixed", "version"])
    move = DateMove(
        deployment=deployment,
        kind=preview.kind,
        item_id=preview.item.id if preview.item else None,
        before=preview.before,
        after=preview.after,
        shifts=kept,
        reason=reason.strip(),
        by_id=by.id,
    )
    move.save(force_insert=True)
    return move


def _set_go_live(deployment: Deployment, day: date, moved: int, by: Actor, reason: str) -> None:
    before, deployment.go_live_on = deployment.go_live_on, day
    deployment.save(update_fields=["go_live_on"])
    record(
        audit.GO_LIVE_MOVED,
        by=by,
        subject=deployment,
        before=before.isoformat(),
        after=day.isoformat(),
        moved=moved,
        reason=reason,
    )
    progressed(deployment.pk, by)


def _set_kick_off(deployment: Deployment, day: date, moved: int, by: Actor, reason: str) -> None:
    why = f"moved kick-off from {deployment.kick_off_on:%-d %b %Y} to {day:%-d %b %Y}"
    deployment.kick_off_on = day
    deployment.save(update_fields=["kick_off_on"])
    record(audit.DATES_MOVED, by=by, subject=deployment, why=why, moved=moved, reason=reason)
    progressed(deployment.pk, by)


def _refuse_if_changed(
    deployment: Deployment, move: DateMove, items: list[Item], shifts: dict[UUID, list[Any]]
) -> None:
    if move.kind == GO_LIVE:
        _refuse_unless_moving(deployment)
        if deployment.go_live_on != move.after:
            raise CannotMoveDate("Go-live was moved again since: take that move back first.")
    if move.kind == KICK_OFF and deployment.kick_off_on != move.after:
        raise CannotMoveDate("Kick-off was moved again since: take that move back first.")
    again = [
        item for item in items if [item.due_on.isoformat(), item.due_fixed] != [shifts[item.pk][1], shifts[item.pk][3]]
    ]
    done = [item for item in items if not item.is_open]
    gone = len(shifts) - len(items)
    if again:
        raise CannotMoveDate(f"{_named(again)} moved again since: take that move back first.")
    if done:
        raise CannotMoveDate(f"{_named(done)} finished since: what is done stays where it is.")
    if gone:
        raise CannotMoveDate("An item of this move is not there any more.")


def _named(items: list[Item]) -> str:
    rest = len(items) - 3
    names = ", ".join(f"#{item.number} {item.title}" for item in items[:3])
    more = f" and {rest} more" if rest > 0 else ""
    return f"{names}{more} {'was' if len(items) == 1 else 'were'}"


def needs_reason(reason: str, message: str) -> None:
    """Raise ValueError with the message where no reason is given."""
    if not reason.strip():
        raise ValueError(message)


def _refuse_unless_moving(deployment: Deployment, also: tuple[str, ...] = ()) -> None:
    if deployment.state not in (*MOVABLE, *also):
        raise CannotMove(f"A deployment that is {deployment.get_state_display().lower()} has no go-live to move.")
