"""The plan as a board by state or owner, and as a month."""

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.checklist import KEYS
from onboarding.deployments.web.frame import frame
from onboarding.plans.models.blackout import blackouts_of
from onboarding.plans.standing import Row, standing
from onboarding.plans.web.cards import PERSON, ROLE, asks, put
from onboarding.plans.web.people import Owners
from web.render import htmx_or_page, page, redirect_or_refresh, toast
from web.statuses import status

BY = {"state": "State", "owner": "Owner"}
COLUMNS = (Item.State.BLOCKED, Item.State.TODO, Item.State.IN_PROGRESS, Item.State.IN_REVIEW, Item.State.ACCEPTED)
SHOWN_DONE = 20


@require(Permission.ITEM_READ)
@require_safe
def board(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """A column for each state, or for each owner; cards in the order they are due."""
    return page(request, "plans/board.html", _board(request, deployment, _by(request.GET)))


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
    """Put a card into another column. What the column has to know is asked on a page of its own."""
    lens = Lens.of(request)
    found = lens.item(deployment, item)
    sides = dict(TeamRole.objects.filter(deployment_id=deployment).values_list("code", "side"))
    if not (lens.may_work_on(found, sides) or lens.of_host):
        raise NotAllowed(Permission.ITEM_WORK)
    posted = request.method == "POST"
    asked = request.POST if posted else request.GET
    by, to = _by(asked), asked.get("to", "").replace("\0", "")
    place = {"org": org, "deployment": deployment}
    refused = ""
    if posted and asks(found, to) and "reason" not in asked:
        here = reverse("org:plans:card", kwargs={**place, "item": item})
        return redirect_or_refresh(request, f"{here}?{urlencode({'by': by, 'to': to})}")
    if posted:
        reason, waits_for = (asked.get(name, "").replace("\0", "")[:500] for name in ("reason", "waits_for"))
        try:
            said = put(lens, found, to, by=request.actor, reason=reason, waits_for=waits_for)  # type: ignore[attr-defined]
        except ItemRefused as refusal:
            refused = str(refusal)
        else:
            if request.htmx and "reason" not in asked:  # type: ignore[attr-defined]
                context = {**_board(request, deployment, by), "said": said, "moved": found.number}
                return htmx_or_page(request, "plans/board.html", "columns", context)
            toast(request, said)
            return redirect_or_refresh(
                request, f"{reverse('org:plans:board', kwargs=place)}?by={by}#card-{found.number}"
            )
        if request.htmx and "reason" not in asked:  # type: ignore[attr-defined]
            context = {**_board(request, deployment, by), "refused": refused, "moved": found.number}
            return htmx_or_page(request, "plans/board.html", "columns", context, status=422)
    columns = _columns(_rows(request, deployment)[1], by)
    context = {
        **frame(request, lens.deployment(deployment), "Board"),
        "item": found,
        "by": by,
        "to": to,
        "choices": [(one.key, one.title) for one in columns],
        "says": asks(found, to),
        "roles": [("", "Nobody in particular"), *TeamRole.objects.filter(deployment_id=deployment).order_by("title").values_list("code", "title")],
        "reason": asked.get("reason", "") if posted else "",
        "refused": refused,
    }  # fmt: skip
    return page(request, "plans/card.html", context, status=422 if refused else 200)


@dataclass(slots=True)
class Column:
    """A column: what a card that is put there becomes, its heading and its cards."""

    key: str
    title: str
    rows: list[Row] = field(default_factory=list)


def _columns(rows: list[Row], by: str) -> list[Column]:
    today = timezone.localdate()
    if by == "state":
        columns = [
            Column(state, Item.State(state).label, [row for row in rows if row.state == state]) for state in COLUMNS
        ]
        done = columns[-1]
        done.rows = sorted(done.rows, key=lambda row: row.done_on or today, reverse=True)[:SHOWN_DONE]
        return columns
    owners = Owners(rows)
    found: dict[str, Column] = {}
    for row in rows:
        if row.open:
            person = owners.person(row)
            key = f"{PERSON}{person.pk}" if person else f"{ROLE}{row.owner}"
            found.setdefault(key, Column(key, owners.name(row))).rows.append(row)
    return sorted(found.values(), key=lambda one: (-len(one.rows), one.title))


def _by(asked: Any) -> str:
    return str(asked.get("by")) if asked.get("by") in BY else "state"


def _board(request: HttpRequest, deployment: UUID, by: str) -> dict[str, Any]:
    found, rows = _rows(request, deployment)
    org: str = request.organization.slug  # type: ignore[attr-defined]
    owners, today, lens = Owners(rows), timezone.localdate(), Lens.of(request)
    sides = dict(TeamRole.objects.filter(deployment_id=deployment).values_list("code", "side"))
    work = lens.items(deployment).order_by().only("owner", "also")
    own = {one.pk for one in work if lens.of_host or lens.may_work_on(one, sides)}
    works = lens.can(Permission.ITEM_WORK)
    return {
        **frame(request, found, "Board"),
        "by": by,
        "bys": [{"title": title, "address": f"?by={key}", "current": key == by} for key, title in BY.items()],
        "columns": [
            {
                "key": column.key,
                "title": column.title,
                "cards": [{**_card(row, org, owners, today), "moves": works and row.id in own} for row in column.rows],
            }
            for column in _columns(rows, by)
        ],
        "works": works,
        "said": "",
        "refused": "",
        "moved": None,
    }


@require(Permission.ITEM_READ)
@require_safe
def month(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """What is due on each day of a month, with go-live, days nobody works, and blackout periods."""
    found, rows = _rows(request, deployment)
    today = timezone.localdate()
    first = _month(request.GET.get("month", ""), today)
    plan, frozen = standing(found), blackouts_of([found])[found.pk]
    owners = Owners(rows)
    due: dict[date, list[Any]] = {}
    for row in rows:
        due.setdefault(row.done_on or row.due_on, []).append(_card(row, org, owners, today))
    weeks = [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "works": plan.calendar.is_working(day),
                "blackout": next((one.title for one in frozen if one.first <= day <= one.last), ""),
                "go_live": day == found.go_live_on,
                "cards": due.get(day, []),
            }
            for day in week
        ]
        for week in Calendar(firstweekday=6).monthdatescalendar(first.year, first.month)
    ]
    context = {
        **frame(request, found, "Calendar"),
        "first_title": date_text(first, "F Y"),
        "weeks": weeks,
        "earlier": f"?month={(first - timedelta(days=1)):%Y-%m}",
        "later": f"?month={(first + timedelta(days=32)):%Y-%m}",
        "this": today.replace(day=1) == first,
    }
    return page(request, "plans/month.html", context)


def _rows(request: HttpRequest, deployment: UUID) -> tuple[Deployment, list[Row]]:
    lens = Lens.of(request)
    found = lens.deployment(deployment)
    seen = set(lens.items(found.pk).order_by().values_list("pk", flat=True))
    rows = [row for row in standing(found).rows.values() if row.id in seen]
    return found, sorted(rows, key=lambda row: (row.due_on, row.number))


def _card(row: Row, org: str, owners: Owners, today: date) -> dict[str, Any]:
    return {
        "row": row,
        "look": status(KEYS[Item.State(row.state)]),
        "address": reverse(
            "org:deployments:item", kwargs={"org": org, "deployment": row.deployment_id, "item": row.number}
        ),
        "who": owners.name(row),
        "late": row.open and row.due_on < today,
    }


def _month(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)
