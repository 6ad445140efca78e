"""How long stages take: of one deployment, of a program, of the organization, beside its peers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Program
from onboarding.deployments.web.frame import frame
from onboarding.metrics.likeness import ALL, chain
from onboarding.metrics.models import PeerChoice, PeerRelease
from onboarding.metrics.reading import sites_of
from onboarding.metrics.stages import PHASES, TITLES, SiteDates, Together, together
from web.formats import day, plural
from web.render import page, toast
from web.tables import Column, table_file

Peers = dict[tuple[int, str], PeerRelease]
FEW = 5
"""Sites below which a median says little: it is shown, with their number beside it."""


@require(Permission.GATE_READ)
@require_safe
def organization(request: HttpRequest, org: str) -> HttpResponseBase:
    """All deployments together."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.GATE_READ)
    deployments = list(Deployment.objects.for_page().order_by("went_live_at", "pk"))
    return _shared(request, "metrics/organization.html", deployments, {"program": None}, (ALL,))


@require(Permission.GATE_READ)
@require_safe
def program(request: HttpRequest, org: str, program: UUID) -> HttpResponseBase:
    """The deployments of a program together, and how far each got."""
    found = Program.objects.filter(pk=program).select_related("tool_version").first()
    if found is None:
        raise Http404
    deployments = list(Deployment.objects.for_page().filter(program=found).order_by("went_live_at", "pk"))
    if request.part is not None and not deployments:  # type: ignore[attr-defined]
        raise Http404
    return _shared(request, "metrics/program.html", deployments, {"program": found}, chain(found))


@require(Permission.GATE_READ)
@require_safe
def deployment(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """One deployment: each stage with its dates, beside its program and its peers."""
    found = Lens.of(request).deployment(deployment)
    today, peers = timezone.localdate(), _peers(request, chain(found))
    beside = Deployment.objects.filter(program_id=found.program_id).select_related("site")
    sites = sites_of(list(beside))
    here = sites[found.pk]
    rows = [_row(here, one, peers, today) for one in together(sites.values(), today)]
    if file := table_file(request, "stages", DEPLOYMENT_TABLE, rows):
        return file
    context = {
        **frame(request, found, "Stages"),
        "rows": rows,
        "figures": _figures(here),
        "beside": len(sites),
        "shows_peers": _sees_peers(request),
    }
    return page(request, "metrics/deployment.html", context)


@require(Permission.POLICY_MANAGE)
@require_POST
def choose(request: HttpRequest, org: str) -> HttpResponse:
    """Stand among the peers, or not."""
    shares = request.POST.get("shares") == "yes"
    PeerChoice.change(shares=shares, by=request.actor)  # type: ignore[attr-defined]
    toast(request, "Your medians stand among your peers'" if shares else "Your medians stand among no peers' any more")
    return redirect("org:metrics:organization", org=org)


def _shared(
    request: HttpRequest,
    template: str,
    deployments: Sequence[Deployment],
    context: dict[str, Any],
    groups: Sequence[str],
) -> HttpResponseBase:
    today, peers = timezone.localdate(), _peers(request, groups)
    sites = sites_of(deployments)
    rows = [
        {
            "stage": one.stage,
            "title": TITLES[one.stage],
            "all": one,
            "peers": peers.get((one.stage, "duration")),
            "peers_to": peers.get((one.stage, "time_to")),
        }
        for one in together(sites.values(), today)
    ]
    if file := table_file(request, "stages", SHARED_TABLE, rows):
        return file
    each = [
        {
            "deployment": one,
            "furthest": sites[one.pk].furthest,
            "title": TITLES.get(sites[one.pk].furthest or 0, "not begun"),
        }
        for one in deployments
    ]
    host = request.part is None  # type: ignore[attr-defined]
    return page(
        request,
        template,
        {
            **context,
            "rows": rows,
            "each": each,
            "few": len(each) < FEW,
            "programs": list(Program.objects.order_by("title")) if context["program"] is None else [],
            "shows_peers": _sees_peers(request),
            "shares": PeerChoice.shared() if host else False,
            "chooses": can(request, Permission.POLICY_MANAGE) and host,
        },
    )


def _figures(here: SiteDates) -> list[dict[str, Any]]:
    """Return the furthest stage, and how long each phase took or has lasted."""
    stopped = f"the clock stopped {day(here.discontinued_on)}" if here.discontinued_on else ""
    furthest = f"{here.furthest} {TITLES[here.furthest]}" if here.furthest else "Not begun"
    phases = [(title, here.phase_days(phase)) for title, phase in PHASES.items()]
    return [
        {"label": "Furthest stage", "value": furthest, "note": stopped},
        *(
            {"label": title, "value": "–" if days is None else plural(days, "day"), "note": "first to last activity"}
            for title, days in phases
        ),
    ]


def _row(here: SiteDates, beside: Together, peers: Peers, today: Any) -> dict[str, Any]:
    stage = here.stages.get(beside.stage)
    observed = here.duration(beside.stage, today)
    return {
        "stage": beside.stage,
        "title": TITLES[beside.stage],
        "applicable": stage.applicable if stage else 0,
        "done": stage.done if stage else 0,
        "proportion": stage.proportion if stage else None,
        "first": stage.first if stage else None,
        "last": stage.last if stage and stage.complete else None,
        "days": observed.days if observed else None,
        "running": observed is not None and not observed.ended,
        "program": beside.duration,
        "peers": peers.get((beside.stage, "duration")),
        "slow": _slow(observed.days if observed else None, peers.get((beside.stage, "duration"))),
    }


def _slow(days: int | None, peers: PeerRelease | None) -> bool:
    """Whether a stage takes longer than at three of four peers."""
    return days is not None and peers is not None and days > 7 * peers.upper


def _sees_peers(request: HttpRequest) -> bool:
    """Only who shares sees, and no partner."""
    return request.part is None and PeerChoice.shared()  # type: ignore[attr-defined]


def _peers(request: HttpRequest, groups: Sequence[str]) -> Peers:
    """Return the figure of the closest group that has one, for each stage and measure; `groups` from close to wide."""
    if not _sees_peers(request):
        return {}
    shown = PeerRelease.objects.filter(shown=True, among__in=groups)
    widest_first = sorted(shown, key=lambda one: groups.index(one.among), reverse=True)
    return {(one.stage, one.measure): one for one in widest_first}


def _weeks(name: str) -> Any:
    return lambda row: f"{row[name].lower}–{row[name].middle}–{row[name].upper}" if row[name] else ""


def _whom(name: str) -> Any:
    return lambda row: row[name].says if row[name] else ""


DEPLOYMENT_TABLE: list[Column] = [
    ("Stage", "stage"), ("Title", "title"), ("Applicable", "applicable"), ("Done", "done"), ("Proportion", "proportion"),
    ("First activity", "first"), ("Last activity", "last"), ("Days", "days"), ("Still running", "running"),
    ("Median days of the program", "program"), ("Peers' quartiles, weeks", _weeks("peers")),
    ("Peers are", _whom("peers")),
]  # fmt: skip
SHARED_TABLE: list[Column] = [
    ("Stage", "stage"), ("Title", "title"), ("Sites", "all.sites"), ("Entered", "all.entered"),
    ("Complete", "all.complete"), ("Mean proportion", "all.proportion"), ("Median days in the stage", "all.duration"),
    ("Median days until the stage", "all.time_to"), ("Peers in the stage, weeks", _weeks("peers")),
    ("Peers until the stage, weeks", _weeks("peers_to")), ("Peers are", _whom("peers")),
]  # fmt: skip
