"""Who gets what in the days to come under a policy, and what another policy would change: nothing is written.

The rows are those that `ladder.plan_many` would write and the engine would send, from the same planners and the same
functions; what would be left out at the last moment (done, gone, a stopped digest) is left out here.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from notices import judging, planners
from notices.kinds import Description
from notices.ladder import wanted_of
from notices.models import Reminder, ReminderPolicy
from notices.models.reminder import OPEN, State, due_moment
from tenancy.models import Organization
from tenancy.scope import current

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Coming:
    """A reminder that will go out, with what it says."""

    row: Reminder
    about: Description


@dataclass(frozen=True, slots=True)
class Change:
    """What another policy changes for one person."""

    person: str
    before: int
    after: int
    added: tuple[Coming, ...]
    removed: tuple[Coming, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """How many reminders go out now and under another policy, and what that changes for whom."""

    before: int
    after: int
    changes: tuple[Change, ...]


def coming(policy: ReminderPolicy | None = None, *, days: timedelta = AHEAD) -> list[Coming]:
    """Return what goes out until then, the earliest first; the policy in force where none is given."""
    now = timezone.now()
    policy = policy or ReminderPolicy.current()
    home = Organization.objects.get(pk=current().organization_id)
    with planners.under(policy):
        wanted = wanted_of(list(planners.everything()), policy, home, now)
    planned = [row for each in wanted for row in Reminder.rows_of(each, policy, home.time_zone)]
    said = {row.key for row in _standing(planned, now) if row.state != State.CANCELLED or row.sent_at}
    rows = [row for row in planned if row.key not in said] + _waiting(policy, home, now, {row.key for row in planned})
    rows = [row for row in rows if row.due_at < now + days]
    described, left_out = judging.judge(rows)
    found = [Coming(row, described[row.pk]) for row in rows if row.pk not in left_out]
    return sorted(found, key=lambda one: (one.row.due_at, str(one.row.recipient), one.about.title, one.row.step))


def what_if(standing: ReminderPolicy, values: Mapping[str, Any]) -> WhatIf:
    """Return what a policy with these values would change; raise ValidationError. Nothing is saved."""
    other = copy(standing)
    for name, value in values.items():
        setattr(other, name, value)
    other.clean()
    before, after = coming(standing), coming(other)
    return WhatIf(len(before), len(after), tuple(differences(before, after)))


def differences(before: Iterable[Coming], after: Iterable[Coming]) -> list[Change]:
    """Return what changes for each person, the most changes first. A reminder that moves is removed and added."""
    sides: list[dict[UUID, dict[object, Coming]]] = [{}, {}]
    names: dict[UUID, str] = {}
    for side, listed in zip(sides, (before, after), strict=True):
        for one in listed:
            names[one.row.recipient_id] = str(one.row.recipient)
            side.setdefault(one.row.recipient_id, {})[(*one.row.key, one.row.due_at, one.row.apart)] = one
    changes = []
    for person, name in names.items():
        old, new = sides[0].get(person, {}), sides[1].get(person, {})
        added = tuple(one for key, one in new.items() if key not in old)
        removed = tuple(one for key, one in old.items() if key not in new)
        if added or removed:
            changes.append(Change(name, len(old), len(new), added, removed))
    return sorted(changes, key=lambda one: (-len(one.added) - len(one.removed), one.person))


def _standing(planned: list[Reminder], now: datetime) -> Iterable[Reminder]:
    """Rows that exist for these subjects already: what was said is not said again, what waits is said once."""
    since = (now - timedelta(days=2)).date()  # no step planned now lies before that, in whatever zone
    ended = Reminder.objects.filter(subject_id__in={row.subject_id for row in planned}, on__gte=since)
    return ended.exclude(state__in=OPEN).select_related("recipient").iterator(chunk_size=2000)


def _waiting(
    policy: ReminderPolicy, home: Organization, now: datetime, planned: set[tuple[object, ...]]
) -> list[Reminder]:
    """Rows in the queue that no planner plans, at the moment that this policy gives them; what is due now; tries that go on."""
    rows = []
    for row in Reminder.objects.filter(state__in=OPEN).select_related("recipient").iterator(chunk_size=2000):
        if row.key in planned:
            continue
        if row.message is None and row.due_at > now:
            if row.kind in planners.planned_kinds():
                continue  # no longer wanted: the next planning takes it back
            row.time_zone, row.due_at = due_moment(row.recipient, row.on, policy, row.work_zone, home.time_zone)
        rows.append(row)
    return rows
