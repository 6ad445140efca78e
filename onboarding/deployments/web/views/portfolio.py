"""The portfolio: every deployment this organization sees, its own and those shared with it."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from onboarding.deployments.alerts import alerts_of
from onboarding.deployments.health import health_of_row, slipping
from onboarding.deployments.models import PortfolioRow
from onboarding.deployments.models.portfolio import PortfolioRowQuerySet
from web.charts import Axis, Stage
from web.render import page
from web.saved import bar
from web.tables import Column, table_file

PAGE = 50
MONTH, FORTNIGHT = timedelta(days=30), timedelta(days=14)
SORTS = {
    "go_live": ("Go-live", [("go_live_on", False)]),
    "tool": ("Tool", [("title", False), ("go_live_on", False)]),
    "blocked": ("Blockers", [("blocked", True)]),
    "stage": ("Stage", [("stage", False), ("go_live_on", False)]),
    "site": ("Site", [("site", False)]),
}
GROUPS = {
    "host": ("Organization", "host_name"),
    "tool": ("Tool", "title"),
    "program": ("Program", "program"),
    "wave": ("Wave", "wave"),
    "state": ("State", "state"),
}
TABS = [
    ("", "All active"),
    ("soon", "Going live in 30 days"),
    ("slipping", "Blocked or slipping"),
    ("live", "Live"),
    ("all", "Everything"),
]
SHOWN = {
    "stage": "Stage",
    "status": "Status",
    "go_live": "Go-live",
    "blockers": "Blockers",
    "gate": "Next gate",
    "part": "Part",
    "program": "Program",
    "due": "Next due",
}
USUAL = ["stage", "status", "go_live", "blockers", "gate", "part"]
COLUMNS: list[Column] = [
    ("Organization", "host_name"), ("Tool", "title"), ("Version", "tool_version"), ("Program", "program"), ("Wave", "wave"),
    ("Site", "site"), ("State", "state"), ("Stage", "stage_title"), ("Items done", "done"), ("Items", "counted"),
    ("Blocked", "blocked"), ("Next due", "next_due_on"), ("Next gate", "next_gate"), ("Go-live", "go_live_on"),
    ("Baseline", "baseline_go_live_on"),
    ("Forecast P50", "forecast_p50"), ("Forecast P80", "forecast_p80"), ("Our part", "part"),
]  # fmt: skip


@require(Permission.DEPLOYMENT_READ)
@require_safe
def portfolio(request: HttpRequest, org: str) -> HttpResponseBase:
    """One page of rows, by keyset; figures over all of them."""
    rows, today = _own(request), timezone.localdate()
    _, order = _order(request)
    if file := table_file(request, "portfolio", COLUMNS, _page(_filtered(request, rows, today), order, "")):
        return file
    views = bar(request, "portfolio", request.path)
    if views and views.opens:
        return HttpResponseRedirect(views.opens)
    figures = rows.aggregate(
        active=Count("state", filter=_state("", today)),
        soon=Count("state", filter=_state("soon", today)),
        slipping=Count("state", filter=_state("slipping", today)),
        live=Count("state", filter=_state("live", today)),
        all=Count("state"),
        blocked=Count("state", filter=_state("", today) & Q(blocked__gt=0)),
        alarmed=Count("state", filter=~Q(alert="")),
    )
    group, order = _order(request)
    found = list(_page(_filtered(request, rows, today), order, request.GET.get("after", ""))[: PAGE + 1])
    shown, alerts = found[:PAGE], _alerts(request, carried=figures["alarmed"] > 0)
    context = {
        "views": views,
        "every_column": SHOWN,
        "columns": {*request.GET.getlist("cols")} & SHOWN.keys() if "cols" in request.GET else {*USUAL},
        "kept": [(name, value) for name, values in request.GET.lists() if name != "cols" for value in values],
        "axis": _axis(shown, today),
        "bulk": can(request, Permission.DEPLOYMENT_PLAN),
        "figures": _figures(figures),
        "tabs": _tabs(request, figures),
        "filters": _filters(request),
        "groups": _grouped(shown, group, today, alerts),
        "elsewhere": _elsewhere(alerts, shown),
        "later": _place(shown[-1], order) if len(found) > PAGE else None,
        "anything": figures["all"] > 0,
        "total": figures["active"],
        "hosts": len({row.host_id for row in shown}),
    }
    return page(request, "deployments/portfolio.html", context)


def _own(request: HttpRequest) -> PortfolioRowQuerySet:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_READ)  # a partner's portfolio is at its own address
    return PortfolioRow.objects.all()


def _state(name: str, today: date) -> Q:
    active = Q(state__in=["onboarding", "rolled_back"])
    return {
        "soon": active & Q(go_live_on__lte=today + MONTH),
        "slipping": active & slipping(today),
        "live": Q(state="live"),
        "all": Q(),
    }.get(name, active)


def _filtered(request: HttpRequest, rows: PortfolioRowQuerySet, today: date) -> PortfolioRowQuerySet:
    asked = request.GET
    rows = rows.filter(_state(asked.get("show", ""), today))
    if words := asked.get("q", "").replace("\0", " ").strip()[:80]:
        rows = rows.filter(Q(site__icontains=words) | Q(title__icontains=words) | Q(host_name__icontains=words))
    if asked.get("stage", "").isdecimal() and len(asked["stage"]) < 3:
        rows = rows.filter(stage=int(asked["stage"]))
    return rows


def _order(request: HttpRequest) -> tuple[str, list[tuple[str, bool]]]:
    group = request.GET.get("group", "host")
    lead = [(GROUPS[group][1], False)] if group in GROUPS else []
    _, fields = SORTS.get(request.GET.get("sort", ""), SORTS["go_live"])
    return group, [*lead, *(field for field in fields if field not in lead), ("id", False)]


def _page(rows: PortfolioRowQuerySet, order: list[tuple[str, bool]], after: str) -> PortfolioRowQuerySet:
    rows = rows.order_by(*(F(name).desc() if down else F(name).asc() for name, down in order))
    values = _read(after, len(order))
    if values is None:
        return rows
    behind, same = Q(), Q()
    for (name, down), value in zip(order, values, strict=True):
        behind |= same & Q(**{f"{name}__{'lt' if down else 'gt'}": value})
        same &= Q(**{name: value})
    return rows.filter(behind)


def _place(row: PortfolioRow, order: list[tuple[str, bool]]) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(getattr(row, name)) for name, _ in order]).encode()).decode()


def _read(text: str, length: int) -> list[str] | None:
    """Return a place in the list; None for one that is not ours, which shows the list from its start."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text.encode()))
    except (ValueError, UnicodeError):
        return None
    fits = isinstance(values, list) and len(values) == length and all(isinstance(value, str) for value in values)
    return values if fits else None


def _heading(row: PortfolioRow) -> str:
    """Return the color of a row's forecast: later than the baseline, by two weeks or more; empty without a forecast."""
    if row.forecast_p50 is None:
        return ""
    late = (row.forecast_p50 - row.baseline_go_live_on).days
    return "stop" if late > 2 * FORTNIGHT.days else "risk" if late >= FORTNIGHT.days else "moving"


def _axis(rows: list[PortfolioRow], today: date) -> Axis | None:
    """Return the one axis of all forecasts on the page; None where there are none."""
    days = [day for row in rows if row.forecast_p80 for day in (row.baseline_go_live_on, row.forecast_p80)]
    return Axis(max(min([*days, today]), today - MONTH), max(days) + FORTNIGHT) if days else None


def _alerts(request: HttpRequest, *, carried: bool) -> dict[UUID, str]:
    """Return, for each deployment with something that cannot wait, the first of it.

    Of one's own it is asked now; of those that others share it was carried here with the row, if there is any.
    """
    if not can(request, Permission.ITEM_READ):
        return {}
    rows = PortfolioRow.objects.alarmed().values_list("deployment_id", "alert") if carried else ()
    found = alerts_of(request)  # type: ignore[arg-type]
    return {**dict(rows), **{alert.deployment_id: alert.title for alert in reversed(found)}}


def _elsewhere(alerts: Mapping[UUID, str], shown: Iterable[PortfolioRow]) -> list[tuple[PortfolioRow, str]]:
    """Return the rows with something that cannot wait which the filters leave out: they are named above the list."""
    there = {row.deployment_id for row in shown}
    missing = [pk for pk in alerts if pk not in there]
    if not missing:
        return []
    rows = PortfolioRow.objects.filter(deployment_id__in=missing).order_by("site", "id")
    return [(row, alerts[row.deployment_id]) for row in rows]


def _grouped(rows: Iterable[PortfolioRow], group: str, today: date, alerts: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """`alerts`: what cannot wait, in words, by the deployment it is about; it stands before everything else."""
    groups: list[dict[str, Any]] = []
    for row in rows:
        title = getattr(row, GROUPS[group][1]) if group in GROUPS else ""
        if not groups or groups[-1]["title"] != title:
            groups.append({"title": title, "rows": []})
        key, word = health_of_row(row, today)
        if row.deployment_id in alerts:
            key, word = "blocked", alerts[row.deployment_id]
        stages = [
            Stage(
                name,
                done,
                counted,
                current=number == row.stage and done < counted,
                gate=mark,
                tone="risk" if key == "at_risk" else "",
            )
            for number, (name, done, counted, mark) in enumerate(row.stages)
        ]
        now = next((stage for stage in stages if stage.current), None)
        groups[-1]["rows"].append(
            {
                "row": row,
                "health": key,
                "word": word,
                "track": stages,
                "percent": now.percent if now else None,
                "heading": _heading(row),
            }
        )
    return groups


def _figures(figures: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": "On their way", "value": figures["active"]},
        {"label": "Go-live in 30 days", "value": figures["soon"], "note": f"of {figures['active']}", "icon": "cal"},
        {"label": "On track", "value": figures["active"] - figures["slipping"], "status": "on_track"},
        {
            "label": "Blocked or slipping",
            "value": figures["slipping"],
            "note": f"{figures['blocked']} blocked",
            "status": "at_risk",
        },
        {"label": "Live", "value": figures["live"], "status": "live"},
    ]


def _tabs(request: HttpRequest, figures: dict[str, int]) -> list[dict[str, Any]]:
    now = request.GET.get("show", "")
    return [
        {
            "title": title,
            "address": f"?show={name}" if name else "?view=all",
            "current": now == name,
            "count": figures[name or "active"],
        }
        for name, title in TABS
    ]


def _filters(request: HttpRequest) -> list[dict[str, Any]]:
    def to(name: str, value: str | None) -> str:
        values = request.GET.copy()
        for gone in (name, "after"):
            values.pop(gone, None)
        if value is not None:
            values[name] = value
        return f"?{values.urlencode()}"

    words = request.GET.get("q", "").strip()
    found = [{"name": "Name has", "value": words, "remove": to("q", None)}] if words else []
    group, sort = request.GET.get("group", "host"), request.GET.get("sort", "go_live")
    groups = [*((key, title) for key, (title, _) in GROUPS.items()), ("none", "Nothing")]
    return [
        *found,
        {
            "name": f"Group: {dict(groups).get(group, 'Nothing')}",
            "choices": [(title, to("group", key), key == group) for key, title in groups],
        },
        {
            "name": f"Sort: {SORTS.get(sort, SORTS['go_live'])[0]}",
            "choices": [(title, to("sort", key), key == sort) for key, (title, _) in SORTS.items()],
        },
    ]
