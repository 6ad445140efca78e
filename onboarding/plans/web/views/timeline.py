"""The plan in time: one deployment item by item, one program site by site."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from onboarding.deployments.lens import Lens
from onboarding.deployments.web.frame import frame
from onboarding.plans.actions.move_dates import MOVABLE
from onboarding.plans.models import Baseline, GoLiveForecast
from onboarding.plans.models.blackout import blackouts_of
from onboarding.plans.standing import standing
from onboarding.plans.web.forecasts import basis, drivers
from onboarding.plans.web.gantt import SCALES, draw
from onboarding.plans.web.people import Owners
from onboarding.plans.web.timeline import SHOW, Timeline, go_live_line, kick_off_line
from web.render import page

MOST = 20
"""Baselines that can be chosen, newest first."""


@require(Permission.ITEM_READ)
@require_safe
def timeline(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Items by stage on one axis: planned against baseline, what waits for what, today, and where go-live is heading."""
    lens, today = Lens.of(request), timezone.localdate()
    found = lens.deployment(deployment)
    plan = standing(found)
    scale, show = _choice(request, "scale", SCALES, "months"), _choice(request, "show", SHOW, "open")
    may_move = lens.of_host and lens.can(Permission.DEPLOYMENT_PLAN) and found.state in MOVABLE
    seen = frozenset(lens.items(found.pk).order_by().values_list("pk", flat=True))
    baselines = list(Baseline.objects.filter(deployment=found).order_by("-at", "-pk")[:MOST]) if lens.of_host else []
    older = next((one for one in baselines[1:] if str(one.pk) == request.GET.get("baseline")), None)
    compared = older.dates if older else {}
    shown = Timeline(plan, plan.windows(found.go_live_on, today), seen, show, org, may_move, today, compared)
    stages = {stage["number"]: stage["title"] for stage in found.playbook_version.stages}
    every = request.GET.get("links") == "all"
    drawing = draw(
        shown.lines(
            stages,
            [
                go_live_line(plan, may_move=may_move, baseline=older and older.go_live_on),
                kick_off_line(plan, may_move=may_move),
            ],
        ),
        scale=scale,
        today=today,
        ties=shown.ties(every=every),
        off=[(one.first, one.last, one.title) for one in blackouts_of([found])[found.pk]],
    )
    forecast = GoLiveForecast.objects.filter(deployment=found).first()
    context = {
        **frame(request, found, "Timeline"),
        "drawing": drawing,
        "gantt_title": f"Timeline of {len(shown.rows())} items",
        "gantt_head": "Item",
        "facts": shown.facts(Owners(shown.rows()).name),
        "scales": scales(request, scale),
        "shows": _links(request, "show", SHOW, show),
        "every": every,
        "may_move": may_move,
        "drivers": drivers(forecast, found, org, seen),
        "basis": basis(forecast) if forecast else "",
        "baselines": baselines,
        "older": older,
    }
    return page(request, "plans/timeline.html", context)


def scales(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Return the links to each scale; plus and minus go to the next finer and the next coarser one."""
    links, keys = _links(request, "scale", {key: title for key, (title, _) in SCALES.items()}, current), list(SCALES)
    here = keys.index(current)
    for number, link in enumerate(links):
        link["key"] = {here - 1: "+", here + 1: "-"}.get(number)
    return links


def _choice(request: HttpRequest, name: str, choices: dict[str, Any], default: str) -> str:
    asked = request.GET.get(name, default)
    return asked if asked in choices else default


def _links(request: HttpRequest, name: str, choices: dict[str, str], current: str) -> list[dict[str, Any]]:
    asked = request.GET.copy()
    links = []
    for key, title in choices.items():
        asked[name] = key
        links.append({"title": title, "address": f"?{asked.urlencode()}", "current": key == current})
    return links
