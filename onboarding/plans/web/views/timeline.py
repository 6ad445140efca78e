"""The plan in time: one deployment item by item, one program site by site."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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
from onboarding.plans.web.people import Owners
from onboarding.plans.web.timeline import SHOW, Timeline, go_live_line, kick_off_line
from web.gantt import SCALES, draw, scales
from web.render import page
from web.segments import chosen, links

MOST = 20
"""Baselines that can be chosen, newest first."""


@require(Permission.ITEM_READ)
@require_safe
def timeline(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Items by stage on one axis: planned against baseline, what waits for what, today, and where go-live is heading."""
    lens, today = Lens.of(request), timezone.localdate()
    found = lens.deployment(deployment)
    plan = standing(found)
    scale, show = chosen(request, "scale", SCALES, "months"), chosen(request, "show", SHOW, "open")
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
        "move_address": reverse("org:plans:move", kwargs={"org": org, "deployment": found.pk}),
        "facts": shown.facts(Owners(shown.rows()).name),
        "scales": scales(request, scale),
        "shows": links(request, "show", SHOW, show),
        "every": every,
        "may_move": may_move,
        "drivers": drivers(forecast, found, org, seen),
        "basis": basis(forecast) if forecast else "",
        "baselines": baselines,
        "older": older,
    }
    return page(request, "plans/timeline.html", context)
