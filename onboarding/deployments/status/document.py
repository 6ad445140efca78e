"""The status of a deployment or a program as one document: what the page, the PDF and the workbook all show.

For outsiders too: stages, gates, figures and the titles of items, never a person's name, a comment, or the words of a block.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from onboarding.deployments.health import health_of
from onboarding.deployments.models import Deployment, Item, Program, TeamRole
from tenancy.models import Organization
from web.formats import day, plural

AHEAD = BACK = timedelta(days=14)
LONGEST = 12
GATES = {
    "passed": ("passed", "Passed"),
    "lapsed": ("at_risk", "Open again"),
    "ready": ("signature_wanted", "Ready to sign"),
    "open": ("later", "Not yet"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item, or one site of a program."""

    title: str
    status: str
    word: str
    who: str
    due: date
    late: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the pack says, as of one moment."""

    title: str
    lead: str
    organization: str
    as_of: datetime
    health: tuple[str, str]
    figures: list[tuple[str, str, str]]
    """label, value, note"""
    stages: list[tuple[str, int, int, bool]]
    """title, done, counted, whether it is the present one"""
    gates: list[tuple[str, str, str]]
    """title, status key, words"""
    blocked: list[Line] = field(default_factory=list)
    coming: list[Line] = field(default_factory=list)
    done: list[Line] = field(default_factory=list)
    sites: list[Line] = field(default_factory=list)
    items_shown: bool = True

    @property
    def sections(self) -> list[tuple[str, str, list[Line]]]:
        """The lists with their headings and what an empty one means."""
        if self.sites:
            return [("Sites", "", self.sites)]
        if not self.items_shown:
            return []
        return [
            ("Blocked", "Nothing is blocked.", self.blocked),
            ("Late or due within 14 days", "Nothing is due within 14 days.", self.coming),
            ("Done in the last 14 days", "Nothing was done in the last 14 days.", self.done),
        ]

    @property
    def stamp(self) -> str:
        """When it was true, with the time zone."""
        local = timezone.localtime(self.as_of)
        return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"


def of_deployment(deployment: Deployment, host: Organization, items: "QuerySet[Item] | None") -> Status:
    """Return the status of a deployment read for its page; `items` are those the reader sees, None for none. Two statements."""
    today = timezone.localdate()
    titles = dict(TeamRole.objects.filter(deployment_id=deployment.pk).values_list("code", "title"))
    rows = list(items.only(*_FIELDS)) if items is not None else []
    late = sum(row.is_open and row.due_on < today for row in rows)
    moved = deployment.go_live_on != deployment.baseline_go_live_on
    live = deployment.went_live_at
    figures = [
        (
            "Go-live",
            _long(live.date() if live else deployment.go_live_on),
            f"first planned {day(deployment.baseline_go_live_on)}" if moved else "",
        ),
        ("Items done", f"{deployment.items_done} of {deployment.items_counted}", ""),
        ("Blocked", str(deployment.items_blocked), ""),
        ("Late", str(late) if items is not None else "–", ""),
    ]
    return Status(
        title=str(deployment),
        lead=f"Version {deployment.tool_version.version}" + (f", {deployment.wave.title}" if deployment.wave else ""),
        organization=host.name,
        as_of=timezone.now(),
        health=health_of(deployment, today),
        figures=figures,
        stages=_stages(deployment),
        gates=_gates(deployment),
        blocked=[_line(row, titles, today) for row in rows if row.state == Item.State.BLOCKED][:LONGEST],
        coming=[
            _line(row, titles, today)
            for row in sorted(rows, key=lambda row: (row.due_on, row.number))
            if row.is_open and row.state != Item.State.BLOCKED and row.due_on <= today + AHEAD
        ][:LONGEST],
        done=[
            _line(row, titles, today)
            for row in sorted(rows, key=lambda row: (row.done_at is None, row.done_at), reverse=True)
            if row.done_at and row.state == Item.State.ACCEPTED and timezone.localdate(row.done_at) >= today - BACK
        ][:LONGEST],
        items_shown=items is not None,
    )


def of_program(program: Program, host: Organization) -> Status:
    """Return the status of a program over all its sites; one statement."""
    today = timezone.localdate()
    deployments = list(
        Deployment.objects.filter(program=program).select_related("site", "wave").order_by("go_live_on", "site__name")
    )
    stages = {stage["number"]: stage["title"] for stage in program.playbook_version.stages}
    live = sum(one.state == Deployment.State.LIVE for one in deployments)
    blocked = sum(one.items_blocked for one in deployments)
    lines = []
    for one in deployments:
        status, word = health_of(one, today)
        where = f"{stages.get(one.stage, '')}, {one.items_done} of {one.items_counted} items"
        lines.append(Line(one.site.name, status, word, where, one.go_live_on, status == "overdue"))
    waiting = [one.go_live_on for one in deployments if one.state == Deployment.State.ONBOARDING]
    late = sum(line.status in ("overdue", "at_risk") for line in lines)
    return Status(
        title=program.title,
        lead=f"{program.tool_version}, {plural(len(deployments), 'site')}",
        organization=host.name,
        as_of=timezone.now(),
        health=("at_risk", f"{plural(late, 'site')} at risk") if late else ("on_track", "On track"),
        figures=[
            ("Sites", str(len(deployments)), ""),
            ("Live", str(live), ""),
            ("Blocked items", str(blocked), ""),
            ("Next go-live", _long(min(waiting)) if waiting else "–", ""),
        ],
        stages=[
            (title, sum(one.stages.get(str(number), [0, 0])[0] for one in deployments),
             sum(one.stages.get(str(number), [0, 0])[1] for one in deployments), False)
            for number, title in stages.items()
        ],
        gates=[],
        sites=lines,
    )  # fmt: skip


_FIELDS = ("number", "title", "state", "due_on", "owner", "blocked_by_role", "done_at", "deployment_id")


def _line(row: Item, titles: dict[str, str], today: date) -> Line:
    overdue = row.overdue_days(today)
    looks: dict[str, str] = {
        "todo": "to_do", "in_progress": "in_progress", "in_review": "in_review", "blocked": "blocked", "accepted": "accepted",
    }  # fmt: skip
    word = row.get_state_display()
    who = titles.get(row.owner, row.owner)
    if row.state == Item.State.BLOCKED:
        who = f"Waits for {titles.get(row.blocked_by_role, 'somebody outside the team')}"
    if overdue:
        word = f"{word}, {plural(overdue, 'day')} late"
    when = timezone.localdate(row.done_at) if row.done_at and not row.is_open else row.due_on
    return Line(f"#{row.number} {row.title}", looks.get(row.state, "later"), word, who, when, bool(overdue))


def _stages(deployment: Deployment) -> list[tuple[str, int, int, bool]]:
    found = []
    for stage in deployment.playbook_version.stages:
        done, counted = deployment.stages.get(str(stage["number"]), (0, 0))
        found.append((stage["title"], done, counted, stage["number"] == deployment.stage and done < counted))
    return found


def _gates(deployment: Deployment) -> list[tuple[str, str, str]]:
    found = []
    for gate in deployment.playbook_version.gates:
        stands: dict[str, Any] = deployment.gates.get(gate["key"], {})
        status, word = GATES.get(stands.get("state", ""), GATES["open"])
        when = f" {day(date.fromisoformat(stands['on'][:10]))}" if stands.get("on") else ""
        found.append((f"{gate['key']} {gate['title']}", status, f"{word}{when}"))
    return found


def _long(value: date) -> str:
    return f"{value.day} {value:%b %Y}"
