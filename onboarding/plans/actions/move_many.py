"""Move the go-live of many deployments, a wave or any that were ticked: seen first, done in one transaction, undone in one."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from onboarding.deployments.actions.edit_items import PreviewIsOld
from onboarding.deployments.models import Change, Deployment
from onboarding.deployments.models.deployment import CannotMove
from onboarding.plans.actions.move_dates import MOVABLE, apply_go_live, needs_reason, undo_move
from onboarding.plans.models import DateMove
from onboarding.plans.preview import Preview, preview_wave
from web.formats import day, plural

LARGEST = 200
"""Deployments that are moved at once."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where go-live goes: to a date, or by calendar days."""

    to: date | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What the move means for one deployment, or why it is left as it is."""

    deployment: Deployment
    preview: Preview | None = None
    refused: str = ""


def said(target: Target) -> str:
    """Say what is done to each, as the ledger says it."""
    if target.to:
        return f"go-live moved to {day(target.to)}"
    return f"go-live moved {plural(abs(target.days), 'day')} {'later' if target.days > 0 else 'earlier'}"


def look(ids: Iterable[UUID], target: Target, *, today: date) -> list[Line]:
    """Return a line for each of the deployments in scope, writing nothing; a fixed number of statements."""
    found = list(Deployment.objects.for_page().filter(pk__in=list(ids)).order_by("go_live_on", "pk"))
    moving = [one for one in found if one.state in MOVABLE]
    previews = dict(zip(moving, preview_wave(moving, target.days, to=target.to, today=today), strict=True))
    return [_line(one, previews.get(one)) for one in found]


def digest(lines: list[Line]) -> str:
    """Return a mark of what would move: another preview has another one."""
    said = [
        [
            str(line.deployment.pk),
            line.refused,
            [[str(one.item.id), f"{one.before}", f"{one.after}"] for one in line.preview.shifts]
            if line.preview
            else [],
            f"{line.preview.before} {line.preview.after}" if line.preview else "",
        ]
        for line in lines
    ]
    return hashlib.sha256(json.dumps(sorted(said)).encode()).hexdigest()[:32]


@transaction.atomic
def move_many(
    ids: Iterable[UUID], target: Target, *, by: Actor, reason: str, said: str, expected: str
) -> Change | None:
    """Do what a preview showed, all of it or nothing; return its entry in the ledger of changes.

    Raises ValueError without a reason, PreviewIsOld where anything has changed since the preview marked `expected`.
    """
    needs_reason(reason, "Say why go-live moves: everybody on the teams will read it.")
    wanted = sorted(ids)
    list(Deployment.objects.filter(pk__in=wanted).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    lines = look(wanted, target, today=timezone.localdate())
    if digest(lines) != expected:
        raise PreviewIsOld
    rows = []
    for line in lines:
        if line.preview is None or line.refused:
            continue
        move = apply_go_live(line.deployment, line.preview, by, reason)
        rows.append(
            {
                "id": str(line.deployment.pk),
                "label": str(line.deployment),
                "before": {"go_live_on": f"{line.preview.before}"},
                "after": {"go_live_on": f"{line.preview.after}"},
                "move": str(move.pk),
            }
        )
    if not rows:
        return None
    count = f"{len(rows)} deployment{'' if len(rows) == 1 else 's'}"
    reached = [UUID(str(row["id"])) for row in rows]
    return Change.keep(Change.Kind.GO_LIVES, f"{count}: {said}", rows, by=by, deployment_ids=reached)


def undo_many(change: Change, by: Actor) -> list[str]:
    """Put each go-live back with the due dates that moved along; return those that changed since."""
    left = []
    moves: dict[Any, DateMove] = DateMove.objects.in_bulk([UUID(row["move"]) for row in change.rows])
    for row in sorted(change.rows, key=lambda one: str(one["id"])):
        try:
            undo_move(moves[UUID(row["move"])], by=by)
        except (CannotMove, ValueError):
            left.append(row["label"])
    return left


def _line(deployment: Deployment, preview: Preview | None) -> Line:
    if preview is None:
        state = deployment.get_state_display().lower()
        return Line(deployment, refused=f"It is {state}: there is no go-live to move.")
    if preview.before == preview.after:
        return Line(deployment, preview, "It goes live on that day already.")
    return Line(deployment, preview)
