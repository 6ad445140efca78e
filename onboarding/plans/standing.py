"""A deployment's plan as it stands, read for the schedule: any number of deployments in four statements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from onboarding.deployments.models import Deployment, Item, ItemDependency
from onboarding.deployments.models.calendar import working_calendars
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from onboarding.scheduling.effort import working_days
from onboarding.scheduling.passes import Window, windows
from onboarding.scheduling.plan import Dates, plan
from onboarding.scheduling.tasks import Anchor, Key, Link, Network, Task
from tenancy.working_days import WorkingCalendar

GONE = (Item.State.NOT_APPLICABLE, Item.State.RETIRED)
"""States of items that are no part of the plan."""
COLUMNS = (
    "id", "deployment_id", "number", "key", "stage", "title", "owner", "gate", "gate_class", "completed_by_gate", "state",
    "due_on", "due_fixed", "baseline_due_on", "offset_days", "done_at", "started_at", "assignee_id", "version",
    "playbook_item__until_days", "playbook_item__effort_hours",
    "playbook_item__offset_from", "blocked_by_role",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An item as a plan reads it."""

    id: UUID
    deployment_id: UUID
    number: int
    key: str
    stage: int
    title: str
    owner: str
    gate: str
    gate_class: str
    decision: bool
    state: str
    due_on: date
    fixed: bool
    baseline: date
    offset_days: int
    done_at: Any
    started_at: Any
    assignee_id: UUID | None
    version: int
    until_days: int | None
    effort_hours: float | None
    offset_from: str | None
    blocked_by_role: str

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state in Item.OPEN

    @property
    def last_offset(self) -> int:
        """Days from the anchor to the last day of the item's window."""
        return self.offset_days if self.until_days is None else self.until_days

    @property
    def days(self) -> int:
        """Working days that the playbook gives it."""
        return working_days(self.effort_hours, decision=self.decision)

    @property
    def done_on(self) -> date | None:
        """The day it was done, if it is."""
        if self.open:
            return None
        return timezone.localdate(self.done_at) if self.done_at else self.due_on


@dataclass(frozen=True, slots=True)
class Standing:
    """A deployment, its items by id in order, and their network."""

    deployment: Deployment
    rows: dict[Key, Row]
    network: Network
    calendar: WorkingCalendar

    @property
    def dates(self) -> Dates:
        """The due date of each item, or the day it was done."""
        return {key: row.done_on or row.due_on for key, row in self.rows.items()}

    def planned(self, go_live: date, kick_off: date | None = None) -> Dates:
        """Return the dates that a go-live date gives, with the kick-off as it stands or another one."""
        one = self.deployment
        begin = kick_off or one.kick_off_on
        return plan(self.network, self.calendar, go_live=go_live, kick_off=begin, planned_on=one.planned_on)

    def needed(self, row: Row) -> bool:
        """Whether go-live needs an item: it was to be done before, and does more than inform."""
        return row.gate_class != "informs" and row.baseline < self.deployment.baseline_go_live_on

    def windows(self, go_live: date, today: date) -> dict[Key, Window]:
        """Return what is possible for each open item that go-live needs."""
        needed = {key for key, row in self.rows.items() if self.needed(row)}
        leads = Network(task for task in self.network.tasks.values() if task.key in needed)
        return windows(leads, self.calendar, dict.fromkeys(needed, go_live), today=today)


def standing(deployment: Deployment) -> Standing:
    """Return one deployment's plan; its site is read with it if it was not."""
    return next(iter(standings([deployment])))


def standings(deployments: Iterable[Deployment]) -> list[Standing]:
    """Return the plans of several deployments, in their order."""
    wanted = list(deployments)
    ids = [one.pk for one in wanted]
    rows: dict[UUID, dict[Key, Row]] = {pk: {} for pk in ids}
    items = Item.objects.filter(deployment_id__in=ids).exclude(state__in=GONE).order_by("stage", "number")
    for values in items.values_list(*COLUMNS):
        row = Row(*values)
        rows[row.deployment_id][row.id] = row
    links: dict[UUID, list[Link]] = {}
    holding = Q(predecessor__state__in=[*GONE, Item.State.WAIVED])
    waits = ItemDependency.objects.filter(deployment_id__in=ids).exclude(holding)
    for item_id, before, lag in waits.values_list("item_id", "predecessor_id", "lag_days"):
        links.setdefault(item_id, []).append(Link(before, lag))
    calendars = working_calendars(one.site for one in wanted)
    return [
        Standing(
            one,
            rows[one.pk],
            Network(_tasks(rows[one.pk], links)),
            calendars[one.site_id],
        )
        for one in wanted
    ]


def _tasks(rows: dict[Key, Row], links: dict[UUID, list[Link]]) -> Iterator[Task]:
    anchors: dict[str | None, Anchor | Key] = {row.key: row.id for row in rows.values()}
    anchors |= {None: Anchor.GO_LIVE, GO_LIVE: Anchor.GO_LIVE, KICK_OFF: Anchor.KICK_OFF}
    for row in rows.values():
        yield Task(
            key=row.id,
            name=str(row),
            anchor=anchors.get(row.offset_from, Anchor.GO_LIVE),
            offset=row.last_offset,
            days=row.days,
            after=tuple(links.get(row.id, ())),
            fixed=row.due_on if row.fixed else None,
            done_on=row.done_on,
        )
