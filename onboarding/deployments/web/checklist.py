"""The checklist as its page shows it: rows by stage, filtered by what stands in the address."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Evidence, Item, ItemDependency, TeamRole
from web.formats import day
from web.statuses import Status, status

S = Item.State
KEYS = {
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
FIELDS = (
    "id", "number", "stage", "title", "owner", "gate_class", "gate", "state", "due_on", "waived_until", "assignee__name",
    "evidence_wanted", "completed_by_gate", "blocked_by_role",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
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
    due: date
    late: bool
    letter: str
    letter_says: str
    selected: bool


@dataclass(slots=True)
class Group:
    """A stage with its rows; the figures count the whole stage, whatever is filtered."""

    number: int
    title: str
    gate: str
    done: int = 0
    counted: int = 0
    open: bool = True
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; unknown values show everything."""

    stages: frozenset[int] = frozenset()
    owner: str = ""
    blocking: bool = False
    missing: bool = False
    show: str = ""
    """open, overdue, blocked or review."""

    @classmethod
    def of(cls, asked: QueryDict) -> "Filters":
        """Read the query string."""
        show = asked.get("show", "")
        return cls(
            frozenset(int(text) for text in asked.getlist("stage") if text.isdecimal() and len(text) < 3),
            asked.get("owner", "")[:4].upper(),
            asked.get("gate") == "blocks",
            asked.get("evidence") == "missing",
            show if show in SHOW else "",
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return bool(self.stages or self.owner or self.blocking or self.missing or self.show)

    def match(self, item: dict[str, Any], missing: int, today: date) -> bool:
        """Whether an item is asked for."""
        state = item["state"]
        return (
            (not self.stages or item["stage"] in self.stages)
            and (not self.owner or item["owner"] == self.owner)
            and (not self.blocking or item["gate_class"] == "blocks")
            and (not self.missing or (missing > 0 and state in Item.OPEN))
            and (not self.show or SHOW[self.show][1](item, today))
        )


SHOW: dict[str, tuple[str, Any]] = {
    "open": ("Open", lambda item, today: item["state"] in Item.OPEN),
    "overdue": ("Overdue", lambda item, today: item["state"] in Item.OPEN and item["due_on"] < today),
    "blocked": ("Blocked", lambda item, today: item["state"] == S.BLOCKED),
    "review": ("In review", lambda item, today: item["state"] == S.IN_REVIEW),
}


def checklist(request: HttpRequest, lens: Lens, deployment: Deployment, selected: UUID | None = None) -> dict[str, Any]:
    """Return the context of the list: four queries, however many items there are."""
    today, asked = timezone.localdate(), Filters.of(request.GET)
    items = list(lens.items(deployment.pk).values(*FIELDS))
    team = {role.code: role for role in TeamRole.objects.filter(deployment_id=deployment.pk).select_related("person")}
    waits = _waiting(deployment.pk)
    files, satisfied = _evidence(lens, deployment.pk)
    place = reverse("org:deployments:checklist", kwargs={"org": request.organization.slug, "deployment": deployment.pk})  # type: ignore[attr-defined]
    groups = {
        stage["number"]: Group(stage["number"], stage["title"], stage["gate"])
        for stage in deployment.playbook_version.stages
    }
    tail = f"?{request.GET.urlencode()}" if asked.any else ""
    matched = 0
    for item in items:
        group, state = groups[item["stage"]], item["state"]
        if state not in COUNTED_OUT:
            group.counted += 1
            group.done += state in DONE
        wanted = [one["key"] for one in item["evidence_wanted"] if one["required"] and one["kind"] != "none"]
        missing = sum((item["id"], key) not in satisfied for key in wanted)
        if not asked.match(item, missing, today):
            continue
        matched += 1
        look, plain = look_of(state, item["due_on"], item["waived_until"], today)
        role = team.get(item["owner"])
        letter, says = CLASSES[item["gate_class"]]
        group.rows.append(
            Row(
                item["id"],
                item["number"],
                item["title"],
                f"{place}items/{item['number']}/{tail}",
                look,
                plain,
                waits.get(item["id"], "") if state in Item.OPEN else "",
                files.get(item["id"], 0),
                missing,
                item["owner"],
                item["assignee__name"] or (role.title if role else item["owner"]),
                item["due_on"],
                state in Item.OPEN and item["due_on"] < today,
                letter,
                says,
                item["id"] == selected,
            )
        )
    shown = [group for group in groups.values() if group.rows]
    for group in shown:
        holds = selected is not None and any(row.selected for row in group.rows)
        group.open = asked.any or group.number == deployment.stage or holds or 0 < group.done < group.counted
    return {
        "groups": shown,
        "matched": matched,
        "total": len(items),
        "asked": asked,
        "filters": _filters(request, asked, deployment, team),
        "owners": sorted(team),
        "place": place,
        "bulk_people": [(role.person_id, f"{role.person}, {role.title}") for role in team.values() if role.person],
    }


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
    look = status(KEYS[S(state)], "Retired" if state == S.RETIRED else None)
    return look, state not in (S.BLOCKED, S.IN_REVIEW)


def _waiting(deployment_id: Any) -> dict[UUID, str]:
    """Return "after 58, 61" for each item whose predecessors are still open; one query."""
    numbers: dict[UUID, list[int]] = defaultdict(list)
    for item_id, number in (
        ItemDependency.objects.filter(deployment_id=deployment_id, predecessor__state__in=Item.OPEN)
        .order_by("predecessor__number")
        .values_list("item_id", "predecessor__number")
    ):
        numbers[item_id].append(number)
    return {
        item_id: "after " + ", ".join(map(str, found[:3])) + (" …" if len(found) > 3 else "")
        for item_id, found in numbers.items()
    }


def _evidence(lens: Lens, deployment_id: Any) -> tuple[dict[UUID, int], set[tuple[UUID, str]]]:
    """Return the number of papers the person may open by item, and which wanted kinds are answered; one query."""
    visible = lens.evidence(deployment_id).values("pk")
    today = timezone.localdate()
    usable = ~Q(state=Evidence.State.RETURNED) & (Q(valid_until=None) | Q(valid_until__gte=today))
    files: dict[UUID, int] = defaultdict(int)
    satisfied = set()
    for item_id, key, seen, good in (
        Evidence.objects.filter(deployment_id=deployment_id)
        .values("item_id", "wanted_key")
        .annotate(seen=Count("id", filter=Q(pk__in=visible)), good=Count("id", filter=usable))
        .values_list("item_id", "wanted_key", "seen", "good")
    ):
        files[item_id] += seen
        if good:
            satisfied.add((item_id, key))
    return files, satisfied


def _filters(
    request: HttpRequest, asked: Filters, deployment: Deployment, team: dict[str, TeamRole]
) -> list[dict[str, Any]]:
    def to(**changes: str | None) -> str:
        values = request.GET.copy()
        for name, value in changes.items():
            values.pop(name, None)
            if value is not None:
                values[name] = value
        return f"?{values.urlencode()}"

    stages = {stage["number"]: f"{stage['number']} {stage['title']}" for stage in deployment.playbook_version.stages}
    stage_value = ", ".join(stages.get(number, str(number)) for number in sorted(asked.stages))
    owner = team.get(asked.owner)
    return [
        {
            "name": "Stage",
            "value": stage_value,
            "remove": to(stage=None),
            "choices": [(title, to(stage=str(number)), number in asked.stages) for number, title in stages.items()],
        },
        {
            "name": "Owner",
            "value": owner.title if owner else asked.owner,
            "remove": to(owner=None),
            "choices": [(team[code].title, to(owner=code), code == asked.owner) for code in sorted(team)],
        },
        {
            "name": "State",
            "value": SHOW[asked.show][0] if asked.show else "",
            "remove": to(show=None),
            "choices": [(title, to(show=key), key == asked.show) for key, (title, _) in SHOW.items()],
        },
        _switch("Blocking only", asked.blocking, to(gate="blocks"), to(gate=None)),
        _switch("Missing evidence", asked.missing, to(evidence="missing"), to(evidence=None)),
    ]


def _switch(name: str, on: bool, address: str, remove: str) -> dict[str, Any]:
    return {"name": name, "value": "on", "remove": remove} if on else {"name": name, "address": address}
