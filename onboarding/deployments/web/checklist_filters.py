"""What the address of a checklist asks for: filters, grouping, order, columns. Unknown values show everything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict

from onboarding.deployments.models import Deployment, Item, TeamRole
from web.formats import day

S = Item.State
FORTNIGHT = timedelta(days=14)
Values = dict[str, Any]
SHOW: dict[str, tuple[str, Callable[[Values, date], bool]]] = {
    "open": ("Open", lambda item, today: item["state"] in Item.OPEN),
    "overdue": ("Overdue", lambda item, today: item["state"] in Item.OPEN and item["due_on"] < today),
    "soon": ("Due in 14 days", lambda item, today: item["state"] in Item.OPEN and item["due_on"] <= today + FORTNIGHT),
    "blocked": ("Blocked", lambda item, today: item["state"] == S.BLOCKED),
    "review": ("In review", lambda item, today: item["state"] == S.IN_REVIEW),
    "done": ("Done", lambda item, today: item["state"] in (S.ACCEPTED, S.WAIVED)),
}
GROUPS = {"stage": "Stage", "owner": "Owner", "state": "State", "due": "Week due", "none": "Nothing"}
ORDER = [S.BLOCKED, S.IN_REVIEW, S.IN_PROGRESS, S.TODO, S.ACCEPTED, S.WAIVED, S.NOT_APPLICABLE, S.RETIRED]
SORTS: dict[str, tuple[str, Callable[[Values], Any]]] = {
    "number": ("Number", lambda item: item["number"]),
    "due": ("Due date", lambda item: (item["due_on"], item["number"])),
    "state": ("State", lambda item: (ORDER.index(item["state"]), item["due_on"], item["number"])),
    "owner": ("Owner", lambda item: (item["owner"], item["due_on"], item["number"])),
    "title": ("Title", lambda item: (item["title"].casefold(), item["number"])),
}
COLUMNS = {
    "waits": "Waits for",
    "evidence": "Evidence",
    "owner": "Owner",
    "due": "Due",
    "gate": "Gate",
    "person": "Assigned to",
    "planned": "Baseline",
}
USUAL = frozenset({"waits", "evidence", "owner", "due", "gate"})


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for."""

    stages: frozenset[int] = frozenset()
    owner: str = ""
    blocking: bool = False
    missing: bool = False
    mine: UUID | None = None
    show: str = ""
    words: str = ""
    group: str = "stage"
    sort: str = "number"
    columns: frozenset[str] = USUAL

    @classmethod
    def of(cls, asked: QueryDict, person: UUID | None = None) -> "Filters":
        """Read the query string."""
        show, group, sort = asked.get("show", ""), asked.get("group", ""), asked.get("sort", "")
        return cls(
            frozenset(int(text) for text in asked.getlist("stage") if text.isdecimal() and len(text) < 3),
            asked.get("owner", "")[:4].upper(),
            asked.get("gate") == "blocks",
            asked.get("evidence") == "missing",
            person if asked.get("who") == "me" else None,
            show if show in SHOW else "",
            asked.get("q", "").strip()[:80],
            group if group in GROUPS else "stage",
            sort if sort in SORTS else "number",
            frozenset(asked.getlist("cols")) & COLUMNS.keys() if "cols" in asked else USUAL,
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return bool(self.stages or self.owner or self.blocking or self.missing or self.mine or self.show or self.words)

    def match(self, item: Values, missing: int, today: date) -> bool:
        """Whether an item is asked for."""
        state = item["state"]
        return (
            (not self.stages or item["stage"] in self.stages)
            and (not self.owner or item["owner"] == self.owner)
            and (not self.blocking or item["gate_class"] == "blocks")
            and (not self.missing or (missing > 0 and state in Item.OPEN))
            and (self.mine is None or item["assignee_id"] == self.mine)
            and (not self.show or SHOW[self.show][1](item, today))
            and all(word in item["title"].casefold() for word in self.words.casefold().split())
        )

    def group_of(self, item: Values, titles: dict[str, str]) -> tuple[Any, str]:
        """Return by what an item is grouped, to sort by, and what the group is called; `titles` names team roles."""
        if self.group == "owner":
            title = titles.get(item["owner"]) or str(item["owner"])
            return title, title
        if self.group == "state":
            return ORDER.index(item["state"]), str(S(item["state"]).label)
        if self.group == "due":
            monday = item["due_on"] - timedelta(days=item["due_on"].weekday())
            return monday, f"Week of {day(monday)}"
        return 0, "All items"


def filter_bar(
    request: HttpRequest, asked: Filters, deployment: Deployment, team: dict[str, TeamRole]
) -> list[dict[str, Any]]:
    """Return the filters as the component draws them: each a link, so that it works without script."""

    given = dict(request.GET.lists())

    def to(**changes: str | None) -> str:
        kept = {name: values for name, values in given.items() if name not in changes}
        added = {name: value for name, value in changes.items() if value is not None}
        return f"?{urlencode({**kept, **added}, doseq=True)}" if kept or added else "?view=all"

    stages = {stage["number"]: f"{stage['number']} {stage['title']}" for stage in deployment.playbook_version.stages}
    stage_value = ", ".join(stages.get(number, str(number)) for number in sorted(asked.stages))
    owner = team.get(asked.owner)
    found = [{"name": "Title has", "value": asked.words, "remove": to(q=None)}] if asked.words else []
    return [
        *found,
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
        _switch("Assigned to me", asked.mine is not None, to(who="me"), to(who=None)),
        _switch("Blocking only", asked.blocking, to(gate="blocks"), to(gate=None)),
        _switch("Missing evidence", asked.missing, to(evidence="missing"), to(evidence=None)),
        {
            "name": f"Group: {GROUPS[asked.group]}",
            "choices": [(title, to(group=key), key == asked.group) for key, title in GROUPS.items()],
        },
        {
            "name": f"Sort: {SORTS[asked.sort][0]}",
            "choices": [(title, to(sort=key), key == asked.sort) for key, (title, _) in SORTS.items()],
        },
    ]


def _switch(name: str, on: bool, address: str, remove: str) -> dict[str, Any]:
    return {"name": name, "value": "on", "remove": remove} if on else {"name": name, "address": address}
