"""The plan as a board by state or owner, and as a month."""

from calendar import Calendar
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.web.checklist import KEYS
from onboarding.deployments.web.frame import frame
from onboarding.plans.models.blackout import blackouts_of
from onboarding.plans.standing import Row, standing
from onboarding.plans.web.people import Owners
from web.render import page
from web.statuses import status

BY = {"state": "State", "owner": "Owner"}
COLUMNS = (Item.State.BLOCKED, Item.State.TODO, Item.State.IN_PROGRESS, Item.State.IN_REVIEW, Item.State.ACCEPTED)
SHOWN_DONE = 20


@require(Permission.ITEM_READ)
@require_safe
def board(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """A column for each state, or for each owner; cards in the order they are due."""
    found, rows = _rows(request, deployment)
    by = request.GET.get("by") if request.GET.get("by") in BY else "state"
    owners, today = Owners(rows), timezone.localdate()
    columns: dict[str, list[Row]] = {}
    if by == "state":
        columns = {Item.State(state).label: [row for row in rows if row.state == state] for state in COLUMNS}
        done = columns[Item.State.ACCEPTED.label]
        columns[Item.State.ACCEPTED.label] = sorted(done, key=lambda row: row.done_on or today, reverse=True)[
            :SHOWN_DONE
        ]
    else:
        for row in rows:
            if row.open:
                columns.setdefault(owners.name(row), []).append(row)
        columns = dict(sorted(columns.items(), key=lambda one: (-len(one[1]), one[0])))
    context = {
        **frame(request, found, "Board"),
        "by": by,
        "bys": [{"title": title, "address": f"?by={key}", "current": key == by} for key, title in BY.items()],
        "columns": [
            {"title": title, "cards": [_card(row, org, owners, today) for row in cards]}
            for title, cards in columns.items()
        ],
    }
    return page(request, "plans/board.html", context)


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
