"""One thing done to many items: looked at first, then done in one transaction, kept in the ledger of changes.

Looking and doing share `look`, so that a preview cannot promise what the verb would refuse.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record_many
from audit.vocabulary import Action
from onboarding.deployments import audit
from onboarding.deployments.models import Change, Item, ItemDependency
from onboarding.deployments.models.calendar import working_calendar
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.models.progress import progressed
from tenancy.working_days import WorkingCalendar

S = Item.State
Values = dict[str, Any]


class PreviewIsOld(Exception):
    """Something changed since the preview: it is shown again before anything is done."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done to every item. `do` is a key of `DOES`; the rest is what that needs."""

    do: str
    reason: str = ""
    waits_for: str = ""
    person: Any = None
    due_on: date | None = None
    days: int = 0
    """Working days by which due dates move, where no date is given."""


@dataclass(slots=True)
class Line:
    """What the edit means for one item: what changes, or why it is left as it is."""

    item: Item
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    refused: str = ""


@dataclass(slots=True)
class Ground:
    """What the rules look at, read once for all items."""

    by: Actor
    may_accept: bool
    now: datetime
    calendar: WorkingCalendar
    waiting: dict[UUID, list[Item]]
    missing: dict[UUID, list[str]]


def look(items: list[Item], edit: Edit, *, by: Actor, may_accept: bool) -> list[Line]:
    """Return a line for each item of one deployment, writing nothing; a handful of statements for any number."""
    if edit.do not in DOES:
        raise ItemRefused("Choose what to do with the ticked items.")
    if not items:
        return []
    ground = _ground(items, by, may_accept)
    together = {item.pk for item in items}
    while True:
        lines = [_line(item, edit, ground, together) for item in items]
        still = {line.item.pk for line in lines if not line.refused}
        if still == together or edit.do != "complete":
            return lines
        together = still  # what is refused holds its successors up after all


def digest(lines: list[Line]) -> str:
    """Return a mark of what would change: another preview has another one."""
    said = [[str(line.item.pk), line.item.version, _plain(_but_moments(line.after)), line.refused] for line in lines]
    return hashlib.sha256(json.dumps(sorted(said, key=str)).encode()).hexdigest()[:32]


@transaction.atomic
def edit_items(
    ids: Iterable[Any], edit: Edit, *, by: Actor, may_accept: bool, said: str, expected: str = ""
) -> Change | None:
    """Do one thing to several items of one deployment in one transaction; return its entry in the ledger.

    `said` is what was done to them, as the ledger says it after the number of items ("sent to review").

    With `expected` (the digest of a preview) what the preview refused is left as it is, and PreviewIsOld is raised where
    anything has changed since. Without it all items must go, or ItemRefused is raised with the first reason.
    """
    items = list(Item.objects.filter(pk__in=list(ids)).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    lines = look(items, edit, by=by, may_accept=may_accept)
    if expected and digest(lines) != expected:
        raise PreviewIsOld
    refused = next((line.refused for line in lines if line.refused), "")
    if refused and not expected:
        raise ItemRefused(refused)
    changing = [line for line in lines if line.after]
    if not changing:
        return None
    deployment_id = items[0].deployment_id
    change = Change.keep(
        Change.Kind.ITEMS,
        f"{len(changing)} item{'' if len(changing) == 1 else 's'} {said}",
        [
            {
                "id": str(line.item.pk),
                "label": str(line.item),
                "before": _plain(line.before),
                "after": _plain(line.after),
            }
            for line in changing
        ],
        by=by,
        deployment_id=deployment_id,
    )
    for line in changing:
        for name, value in line.after.items():
            setattr(line.item, name, value)
        line.item.version += 1
    names = sorted({name for line in changing for name in line.after})
    Item.objects.bulk_update([line.item for line in changing], [*names, "version"])
    record_many(
        DOES[edit.do].action(may_accept),
        by=by,
        subjects=[(line.item, _said(line, edit, change)) for line in changing],
    )
    progressed(deployment_id, by)
    return change


def write(values: Values) -> Values:
    """Return field values as JSON keeps them."""
    return _plain(values)


def _ground(items: list[Item], by: Actor, may_accept: bool) -> Ground:
    ids = [item.pk for item in items]
    waiting: dict[UUID, list[Item]] = defaultdict(list)
    open_before = (
        ItemDependency.objects.filter(item_id__in=ids)
        .exclude(predecessor__state__in=Item.HOLDS)
        .select_related("predecessor")
        .order_by("predecessor__number")
    )
    for edge in open_before:
        waiting[edge.item_id].append(edge.predecessor)
    site = items[0].deployment.site
    return Ground(by, may_accept, timezone.now(), working_calendar(site), waiting, Item.evidence_missing(items))


def _line(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Line:
    try:
        wanted = DOES[edit.do].values(item, edit, ground, together)
    except ItemRefused as refusal:
        return Line(item, refused=str(refusal))
    after = {name: value for name, value in wanted.items() if getattr(item, name) != value}
    if not after:
        return Line(item, refused=f"{item} is so already.")
    return Line(item, {name: getattr(item, name) for name in after}, after)


def _complete(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    state = S.ACCEPTED if ground.may_accept else S.IN_REVIEW
    if item.state in (S.ACCEPTED, state):
        raise ItemRefused(f"{item} is {item.get_state_display().lower()} already.")
    waiting = [str(one) for one in ground.waiting.get(item.pk, []) if one.pk not in together]
    item.refuse_completion(waiting, ground.missing.get(item.pk, []))
    item.check_move(state)
    done = {"done_at": ground.now, "done_by_id": ground.by.id, "note": ""} if ground.may_accept else {}
    return {"state": state, **done}


def _start(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if item.state != S.TODO:
        raise ItemRefused(f"{item} is {item.get_state_display().lower()} already.")
    return {"state": S.IN_PROGRESS, "started_at": item.started_at or ground.now}


def _assign(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    return {"assignee_id": edit.person.pk if edit.person else None}


def _block(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if item.state == S.BLOCKED:
        raise ItemRefused(f"{item} is blocked already: clear that block first.")
    item.check_move(S.BLOCKED)
    return {
        "state": S.BLOCKED,
        "note": edit.reason,
        "blocked_by_role": edit.waits_for,
        "blocked_since": timezone.localdate(),
    }


def _unblock(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if item.state != S.BLOCKED:
        raise ItemRefused(f"{item} is not blocked.")
    return {"state": S.IN_PROGRESS, "note": "", "blocked_by_role": "", "blocked_since": None}


def _due(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if not item.is_open:
        raise ItemRefused(f"{item} is {item.get_state_display().lower()}: its date stays.")
    return {"due_on": edit.due_on or ground.calendar.shift(item.due_on, edit.days), "due_fixed": True}


def _not_needed(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if item.completed_by_gate:
        raise ItemRefused(f"{item} stands for a signed gate and always applies.")
    if item.state == S.NOT_APPLICABLE:
        raise ItemRefused(f"{item} is not needed already.")
    item.check_move(S.NOT_APPLICABLE)
    return {"state": S.NOT_APPLICABLE, "note": edit.reason}


def _reopen(item: Item, edit: Edit, ground: Ground, together: set[UUID]) -> Values:
    if item.is_open:
        raise ItemRefused(f"{item} is open.")
    if item.completed_by_gate:
        raise ItemRefused(f"{item} stands for a signed gate: a new gate review replaces the decision.")
    item.check_move(S.IN_PROGRESS)
    return {"state": S.IN_PROGRESS, "note": edit.reason, "done_at": None, "done_by_id": None, "waived_until": None}


@dataclass(frozen=True, slots=True)
class Does:
    """One thing that can be done: the values it wants, and the events it leaves."""

    values: Callable[[Item, Edit, Ground, set[UUID]], Values]
    accepted: Action
    otherwise: Action | None = None

    def action(self, may_accept: bool) -> Action:
        """Return the event of one item."""
        return self.accepted if may_accept or self.otherwise is None else self.otherwise


DOES = {
    "complete": Does(_complete, audit.ITEM_COMPLETED, audit.ITEM_SUBMITTED),
    "start": Does(_start, audit.ITEM_STARTED),
    "assign": Does(_assign, audit.ITEM_ASSIGNED),
    "block": Does(_block, audit.ITEM_BLOCKED),
    "unblock": Does(_unblock, audit.ITEM_UNBLOCKED),
    "due": Does(_due, audit.ITEM_DUE_MOVED),
    "not_needed": Does(_not_needed, audit.ITEM_NOT_APPLICABLE),
    "reopen": Does(_reopen, audit.ITEM_REOPENED),
}


def _said(line: Line, edit: Edit, change: Change) -> Values:
    said: Values = {"number": line.item.number, "title": line.item.title, "change": str(change.pk)}
    if edit.reason:
        said["reason"] = edit.reason
    if edit.do == "block":
        said["role"] = edit.waits_for
    if edit.do == "assign":
        said["assignee"] = str(edit.person.pk) if edit.person else None
    if edit.do == "due":
        said |= {"before": f"{line.before['due_on']:%-d %b %Y}", "after": f"{line.after['due_on']:%-d %b %Y}"}
    return said


def _but_moments(values: Values) -> Values:
    return {name: value for name, value in values.items() if not isinstance(value, datetime)}


def _plain(values: Values) -> Values:
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
        for name, value in values.items()
    }
