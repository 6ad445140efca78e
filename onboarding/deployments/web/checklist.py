"""The checklist as its page shows it: rows by stage, filtered by what stands in the address."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from json import loads
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone

from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Evidence, Item, ItemDependency, TeamRole, Watch
from onboarding.deployments.web.checklist_filters import COLUMNS, SORTS, Filters, filter_bar
from tenancy.prepared import prepared
from web.addresses import reverse
from web.formats import day
from web.saved import bar
from web.statuses import Status, status

S = Item.State
KEYS: dict[str, str] = {
    S.TODO: "to_do",
    S.IN_PROGRESS: "in_progress",
    S.IN_REVIEW: "in_review",
    S.BLOCKED: "blocked",
    S.ACCEPTED: "accepted",
    S.WAIVED: "waived",
    S.NOT_APPLICABLE: "not_needed",
    S.RETIRED: "not_needed",
}
CLASSES = {"blocks": ("B", "Blocks the gate"), "conditional": ("C", "Conditional"), "informs": ("N", "Informs")}
COUNTED_OUT = {S.NOT_APPLICABLE, S.RETIRED}
DONE = {S.ACCEPTED, S.WAIVED}
NO_PAPERS: tuple[int, frozenset[str]] = (0, frozenset())
FIELDS = (
    "id", "number", "stage", "title", "owner", "gate_class", "state", "due_on", "baseline_due_on", "waived_until",
    "assignee_id", "assignee__name", "wanted_text",
)  # fmt: skip


class Row(NamedTuple):
    """An item in the list."""

    id: UUID
    number: int
    title: str
    address: str
    look: Status
    plain: bool
    """Whether the state's word needs no color."""
    waits_for: str
    files: int
    missing: int
    owner: str
    owner_title: str
    person: str
    due: date
    planned: date
    late: bool
    letter: str
    letter_says: str
    selected: bool


@dataclass(slots=True)
class Group:
    """A heading with its rows. A stage's figures count the whole stage, whatever is filtered."""

    key: str
    title: str
    done: int = 0
    counted: int = 0
    open: bool = True
    rows: list[Row] = field(default_factory=list)


def checklist(request: HttpRequest, lens: Lens, deployment: Deployment, selected: UUID | None = None) -> dict[str, Any]:
    """Return the context of the list: five queries, however many items there are."""
    today = timezone.localdate()
    asked = Filters.of(request.GET, request.actor.id)  # type: ignore[attr-defined]
    items = items_of(lens, deployment.pk)
    team = team_of(deployment.pk)
    waits = _waiting(deployment.pk)
    papers, filtered = _evidence(lens, deployment.pk, today), asked.any
    place, tail = place_of(request, deployment), tail_of(request)
    matched = []
    for item in sorted(items, key=SORTS[asked.sort][1]):
        files, given = papers.get(item["id"], NO_PAPERS)
        missing = len(_wanted(item["wanted_text"]) - given)
        if filtered and not asked.match(item, missing, today):
            continue
        look, plain = look_of(item["state"], item["due_on"], item["waived_until"], today)
        role, going = team.get(item["owner"]), item["state"] in Item.OPEN
        letter, says = CLASSES[item["gate_class"]]
        row = Row(
            item["id"],
            item["number"],
            item["title"],
            f"{place}items/{item['number']}/{tail}",
            look,
            plain,
            waits.get(item["id"], "") if going else "",
            files,
            missing,
            item["owner"],
            item["assignee__name"] or (role.title if role else item["owner"]),
            item["assignee__name"] or "",
            item["due_on"],
            item["baseline_due_on"],
            going and item["due_on"] < today,
            letter,
            says,
            item["id"] == selected,
        )
        matched.append((item, row))
    return {
        "groups": _grouped(asked, deployment, items, matched, team),
        "matched": len(matched),
        "total": len(items),
        "not_needed": sum(item["state"] in COUNTED_OUT for item in items),
        "asked": asked,
        "columns": {name: title for name, title in COLUMNS.items() if name in asked.columns},
        "every_column": COLUMNS,
        "kept": [(name, value) for name, values in request.GET.lists() if name != "cols" for value in values],
        "filters": filter_bar(request, asked, deployment, team),
        "owners": sorted(team),
        "place": place,
        "follows_all": Watch.of(request.actor.person_id, deployment.pk),  # type: ignore[attr-defined]
        "views": bar(request, "checklist", place),
        "bulk_people": _people(team.values()),
    }


def place_of(request: HttpRequest, deployment: Deployment) -> str:
    """Return the address of the checklist, without what filters it."""
    ids = {"org": request.organization.slug, "deployment": deployment.pk}  # type: ignore[attr-defined]
    return reverse("org:deployments:checklist", kwargs=ids)


def tail_of(request: HttpRequest) -> str:
    """Return what filters and orders the list, for the end of an address that keeps it."""
    return f"?{request.GET.urlencode()}" if request.GET else ""


def items_of(lens: Lens, deployment_id: UUID) -> list[dict[str, Any]]:
    """Return the values of the items that the person sees; one query."""
    found = _items(deployment_id) if lens.sees_every_item else _values(lens.items(deployment_id))
    return list(found)


def team_of(deployment_id: UUID) -> dict[str, TeamRole]:
    """Return the team's roles by their codes; one query."""
    return {role.code: role for role in _team(deployment_id)}


def missing_of(lens: Lens, deployment_id: UUID, today: date) -> Callable[[dict[str, Any]], int]:
    """Return what counts the kinds of evidence that an item still lacks; one query."""
    papers = _evidence(lens, deployment_id, today)
    return lambda item: len(_wanted(item["wanted_text"]) - papers.get(item["id"], NO_PAPERS)[1])


def _people(roles: Iterable[TeamRole]) -> list[tuple[UUID, str]]:
    """Return each person of the team once, with the roles they hold."""
    held: dict[UUID, list[TeamRole]] = {}
    for role in roles:
        if role.person_id:
            held.setdefault(role.person_id, []).append(role)
    return [(pk, f"{some[0].person}, {', '.join(role.title for role in some)}") for pk, some in held.items()]


def _grouped(
    asked: Filters,
    deployment: Deployment,
    items: list[dict[str, Any]],
    matched: list[tuple[dict[str, Any], Row]],
    team: dict[str, TeamRole],
) -> list[Group]:
    if asked.group != "stage":
        titles = {code: role.title for code, role in team.items()}
        groups: dict[Any, Group] = {}
        for item, row in matched:
            order, title = asked.group_of(item, titles)
            groups.setdefault(order, Group(f"g{len(groups)}", title)).rows.append(row)
        return [groups[order] for order in sorted(groups)]
    stages = {
        stage["number"]: Group(f"s{stage['number']}", f"{stage['number']} {stage['title']}")
        for stage in deployment.playbook_version.stages
    }
    for item in items:
        if item["state"] not in COUNTED_OUT:
            stages[item["stage"]].counted += 1
            stages[item["stage"]].done += item["state"] in DONE
    for item, row in matched:
        stages[item["stage"]].rows.append(row)
    for number, group in stages.items():
        holds = any(row.selected for row in group.rows)
        group.open = asked.any or number == deployment.stage or holds or 0 < group.done < group.counted
    return [group for group in stages.values() if group.rows]


def look_of(state: str, due_on: date, waived_until: date | None, today: date) -> tuple[Status, bool]:
    """Return how an item's state looks, and whether its word stays quiet."""
    late = (today - due_on).days
    if state in (S.TODO, S.IN_PROGRESS) and late > 0:
        return status("overdue", f"Overdue {late} d"), False
    if state == S.WAIVED and waived_until:
        lapsed = waived_until < today
        return status(
            "expired" if lapsed else "waived", f"{'Waiver ended' if lapsed else 'Waived to'} {day(waived_until)}"
        ), False
    look = status(KEYS[state], "Retired" if state == S.RETIRED else None)
    return look, state not in (S.BLOCKED, S.IN_REVIEW)


@prepared
def _items(deployment_id: UUID) -> QuerySet[Item, Any]:
    return _values(Item.objects.of_deployment(deployment_id))


def _values(items: QuerySet[Item]) -> QuerySet[Item, Any]:
    found: QuerySet[Item, Any] = items.annotate(wanted_text=Cast("evidence_wanted", TextField())).values(*FIELDS)
    return found


@lru_cache(maxsize=2048)
def _wanted(text: str) -> frozenset[str]:
    """Return the kinds of evidence that must be there; a playbook wants the same at every site."""
    return frozenset(one["key"] for one in loads(text) if one["required"] and one["kind"] != "none")


@prepared
def _team(deployment_id: UUID) -> QuerySet[TeamRole]:
    return TeamRole.objects.filter(deployment_id=deployment_id).select_related("person")


@prepared
def _predecessors(deployment_id: UUID) -> QuerySet[ItemDependency, Any]:
    return (
        ItemDependency.objects.filter(deployment_id=deployment_id, predecessor__state__in=Item.OPEN)
        .order_by("predecessor__number")
        .values_list("item_id", "predecessor__number")
    )


def _waiting(deployment_id: UUID) -> dict[UUID, str]:
    """Return "after 58, 61" for each item whose predecessors are still open; one query."""
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for item_id, number in _predecessors(deployment_id):
        numbers[item_id].append(number)
    return {
        item_id: "after " + ", ".join(map(str, found[:3])) + (" …" if len(found) > 3 else "")
        for item_id, found in numbers.items()
    }


def _evidence(lens: Lens, deployment_id: UUID, today: date) -> dict[UUID, tuple[int, frozenset[str]]]:
    """Return by item the number of papers the person may open, and which wanted kinds are answered; one query."""
    if lens.opens_all_evidence:
        counted: Iterable[Any] = _papers(deployment_id, today)
    else:
        seen = Q(pk__in=lens.evidence(deployment_id).values("pk"))
        counted = _counted(Evidence.objects.filter(deployment_id=deployment_id), today, seen)
    papers: dict[UUID, tuple[int, frozenset[str]]] = {}
    for item_id, key, seen_here, good in counted:
        files, given = papers.get(item_id, NO_PAPERS)
        papers[item_id] = files + seen_here, given | {key} if good else given
    return papers


@prepared
def _papers(deployment_id: UUID, today: date) -> QuerySet[Evidence, Any]:
    return _counted(Evidence.objects.filter(deployment_id=deployment_id), today, None)


def _counted(papers: QuerySet[Evidence], today: date, seen: Q | None) -> QuerySet[Evidence, Any]:
    usable = ~Q(state=Evidence.State.RETURNED) & (Q(valid_until=None) | Q(valid_until__gte=today))
    return (
        papers.values("item_id", "wanted_key")
        .annotate(seen=Count("id", filter=seen), good=Count("id", filter=usable))
        .values_list("item_id", "wanted_key", "seen", "good")
    )
