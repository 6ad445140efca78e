"""What waits for one person: their items, what they hold up, what they may accept."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from access.permissions import Part, Permission
from access.request import OrganizationRequest
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item, ItemDependency, TeamRole
from onboarding.deployments.models.item import ItemQuerySet
from tenancy.prepared import prepared

SOON = timedelta(days=14)
LONGEST = 50
S = Item.State
FIELDS = (
    "id", "number", "title", "state", "due_on", "owner", "note", "blocked_since", "blocked_by_role", "deployment_id",
    "deployment__site__name", "deployment__tool_version__tool__title", "assignee__name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the inbox."""

    status: str
    word: str
    title: str
    address: str
    text: str
    due: str
    late: bool = False


Before = tuple[int, str, str, date, UUID]
"""A predecessor: number, title, owner role, due date, id."""
Source = Callable[[OrganizationRequest], list[Entry]]
APPROVALS: list[Source] = []
"""What else wants this person's approval (votes, signatures, waivers): other apps add a function here in `ready()`."""
URGENT: list[Source] = []
"""What has minutes, not days: it stands before everything else."""


def mine(lens: Lens, user_id: UUID) -> ItemQuerySet:
    """Return the open items that are this person's: assigned to them, or to nobody while they hold the owner role."""
    return of_person(user_id, **{"side": "vendor"} if lens.part == Part.VENDOR else {})


def of_person(user_id: UUID, **roles: Any) -> ItemQuerySet:
    """Return the open items of this person, as `mine`; those that nobody has only of these team roles."""
    held = TeamRole.objects.filter(
        deployment_id=OuterRef("deployment_id"), code=OuterRef("owner"), person_id=user_id, **roles
    )
    return (
        Item.objects.open()
        .exclude(deployment__state=Deployment.State.DISCONTINUED)
        .filter(Q(assignee_id=user_id) | Q(Exists(held), assignee=None))
    )


def waiting_count(request: OrganizationRequest) -> int:
    """Return the figure beside the inbox in the navigation: what is due today or overdue; one statement."""
    user_id, today = request.actor.person_id, timezone.localdate()
    found = _waiting(user_id, today) if request.part is None else list(_counted(mine(Lens.of(request), user_id), today))
    return int(found[0]) if found else 0  # nobody asks the database for somebody whose sites have no deployment yet


@prepared
def _waiting(user_id: UUID, today: date) -> QuerySet[Item, Any]:
    return _counted(of_person(user_id), today)


def _counted(items: ItemQuerySet, today: date) -> QuerySet[Item, Any]:
    due = items.order_by().filter(due_on__lte=today, state__in=[S.TODO, S.IN_PROGRESS])
    return due.values(all=Value(1)).annotate(count=Count("pk")).values_list("count", flat=True)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The sections of the page."""

    overdue: list[dict[str, Any]]
    today: list[dict[str, Any]]
    approvals: list[dict[str, Any]]
    blocked: list[dict[str, Any]]
    held_up: list[dict[str, Any]]
    soon: list[dict[str, Any]]
    waits: dict[UUID, list[Before]]

    @property
    def empty(self) -> bool:
        """Whether nothing at all waits."""
        return not (self.overdue or self.today or self.approvals or self.blocked or self.held_up or self.soon)


def inbox(request: OrganizationRequest, *, everyone: bool = False) -> Inbox:
    """Read the inbox in four statements; `everyone` shows all open items of the organization, for those who plan."""
    lens, today = Lens.of(request), timezone.localdate()
    user_id = request.actor.person_id
    items = (
        Item.objects.open().exclude(deployment__state=Deployment.State.DISCONTINUED)
        if everyone
        else mine(lens, user_id)
    )
    rows = list(items.filter(due_on__lte=today + SOON).order_by("due_on", "number").values(*FIELDS)[: LONGEST * 4])
    rows += list(
        items.filter(state=S.BLOCKED, due_on__gt=today + SOON)
        .order_by("blocked_since", "number")
        .values(*FIELDS)[:LONGEST]
    )
    waits = _waits([row["id"] for row in rows])
    own = {row["id"] for row in rows}
    waits = {pk: others for pk, before in waits.items() if (others := [one for one in before if one[4] not in own])}
    stuck = [row for row in rows if row["state"] == S.BLOCKED or (row["id"] in waits and row["due_on"] <= today)]
    stuck_ids = {row["id"] for row in stuck}
    going = [row for row in rows if row["id"] not in stuck_ids and row["state"] in (S.TODO, S.IN_PROGRESS)]
    return Inbox(
        overdue=[row for row in going if row["due_on"] < today],
        today=[row for row in going if row["due_on"] == today],
        approvals=_to_review(lens),
        blocked=stuck,
        held_up=_held_up(lens, user_id),
        soon=[row for row in going if row["due_on"] > today],
        waits=waits,
    )


def _to_review(lens: Lens) -> list[dict[str, Any]]:
    if not (lens.of_host and lens.can(Permission.ITEM_REVIEW)):
        return []
    return list(Item.objects.filter(state=S.IN_REVIEW).order_by("due_on", "number").values(*FIELDS)[:LONGEST])


def _held_up(lens: Lens, user_id: UUID) -> list[dict[str, Any]]:
    """Return others' blocked items that name a role this person holds."""
    held = TeamRole.objects.filter(
        deployment_id=OuterRef("deployment_id"), code=OuterRef("blocked_by_role"), person_id=user_id
    )
    blocked = Item.objects.filter(Exists(held), state=S.BLOCKED)
    if lens.part == Part.VENDOR:
        blocked = blocked.filter(Exists(held.filter(side="vendor")))
    return list(blocked.order_by("blocked_since", "number").values(*FIELDS)[:LONGEST])


def _waits(ids: list[UUID]) -> dict[UUID, list[Before]]:
    found: dict[UUID, list[Before]] = defaultdict(list)
    for item_id, *before in (
        ItemDependency.objects.filter(item_id__in=ids, predecessor__state__in=Item.OPEN)
        .order_by("predecessor__due_on", "predecessor__number")
        .values_list(
            "item_id",
            "predecessor__number",
            "predecessor__title",
            "predecessor__owner",
            "predecessor__due_on",
            "predecessor_id",
        )
    ):
        found[item_id].append((before[0], before[1], before[2], before[3], before[4]))
    return dict(found)
