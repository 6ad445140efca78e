"""Programs: one tool brought to many sites."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import require
from onboarding.deployments.actions.plan_deployment import CannotPlan
from onboarding.deployments.actions.plan_sites import plan_sites
from onboarding.deployments.actions.start_program import start_program
from onboarding.deployments.health import health_of
from onboarding.deployments.models import Deployment, Program
from onboarding.deployments.web.forms import AddSitesForm, ProgramForm
from onboarding.deployments.web.views.history import of_program
from onboarding.playbooks.models import PlaybookItem
from onboarding.playbooks.shape import GO_LIVE
from tenancy.models import Site
from web.formats import day, long_day, plural
from web.render import page, redirect_or_refresh, toast

SHOWN = 50


@require(Permission.PLAYBOOK_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """Every program of the organization, newest first."""
    programs = (
        Program.objects.select_related("tool_version__tool", "playbook_version__playbook")
        .annotate(sites=Count("deployments"))
        .order_by("-created_at")
    )
    return page(request, "deployments/programs.html", {"programs": programs, "plans": _plans(request)})


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, org: str) -> HttpResponse:
    """Name the tool, its version and properties, the playbook and the track."""
    form = ProgramForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                by = request.actor  # type: ignore[attr-defined]
                chosen = {**form.cleaned_data, "playbook_version": form.playbook(by=by)}
                program = start_program(**chosen, by=by)
        except ValueError as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{program.title} has started: add its sites")
            return redirect_or_refresh(request, _address(org, program))
    return page(request, "deployments/program_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_READ)
@require_safe
def detail(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """The program's deployments by wave."""
    return page(request, "deployments/program.html", _context(request, program))


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def add_sites(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """Choose sites, several at once, with their go-live date and wave."""
    found = find_program(program)
    query = request.GET.get("q", "").strip()
    free = Site.objects.open().exclude(pk__in=Deployment.objects.running().filter(program=found).values("site_id"))
    form = AddSitesForm(request.POST or None)
    form.fields["go_live_on"].help_text = _unsqueezed(found)
    picked = request.POST.getlist("picked")
    if request.method == "POST" and form.is_valid():
        try:
            planned = plan_sites(found, picked, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except CannotPlan as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{plural(len(planned), 'deployment')} planned")
            return redirect_or_refresh(request, _address(org, found))
    sites = free.filter(name__icontains=query) if query else free
    listed = list(sites.order_by("name")[: SHOWN + 1])
    context = {
        "program": found,
        "form": form,
        "q": query,
        "sites": listed[:SHOWN],
        "more": len(listed) > SHOWN,
        "picked": set(picked),
    }
    return page(request, "deployments/program_sites.html", context, status=422 if form.is_bound else 200)


def _context(request: HttpRequest, program_id: UUID) -> dict[str, Any]:
    program, today = find_program(program_id), timezone.localdate()
    deployments = list(
        Deployment.objects.filter(program=program)
        .select_related("site", "wave")
        .order_by("wave__number", "go_live_on", "site__name")
    )
    stages = {stage["number"]: stage["title"] for stage in program.playbook_version.stages}
    waves: dict[str, list[dict[str, Any]]] = {}
    for one in deployments:
        key, word = health_of(one, today)
        waves.setdefault(one.wave.title if one.wave else "Without a wave", []).append(
            {"deployment": one, "health": key, "word": word, "stage": stages.get(one.stage, "")}
        )
    live = sum(one.state == Deployment.State.LIVE for one in deployments)
    blocked = sum(one.items_blocked for one in deployments)
    return {
        "program": program,
        "waves": waves,
        "total": len(deployments),
        "figures": [
            {"label": "Sites", "value": len(deployments)},
            {"label": "Live", "value": live, "status": "live" if live else ""},
            {"label": "Blocked items", "value": blocked, "status": "blocked" if blocked else ""},
            {"label": "Next go-live", "value": _next(deployments)},
        ],
        "plans": _plans(request),
        "history": of_program(program, deployments) if _of_host(request) else [],
    }


def _unsqueezed(program: Program) -> str:
    """Say from which day of go-live on nothing in the plan falls before today."""
    items = PlaybookItem.objects.filter(version_id=program.playbook_version_id, anchor="go-live", offset_from=GO_LIVE)
    if program.tier == Program.Tier.LIGHT:
        items = items.filter(light=True)
    first = items.aggregate(first=Min(Coalesce("until_days", "offset_days")))["first"] or 0
    soonest = timezone.localdate() - timedelta(days=min(first, 0))
    return f"The playbook begins {-min(first, 0)} days before go-live. Before {long_day(soonest)} its first items are squeezed."


def _next(deployments: list[Deployment]) -> str:
    waiting = [one.go_live_on for one in deployments if one.state == Deployment.State.ONBOARDING]
    return day(min(waiting)) if waiting else "–"


def _of_host(request: HttpRequest) -> bool:
    return request.part is None and Permission.COMMENT_INTERNAL in request.permissions  # type: ignore[attr-defined]


def _plans(request: HttpRequest) -> bool:
    return Permission.DEPLOYMENT_PLAN in request.permissions  # type: ignore[attr-defined]


def find_program(pk: UUID) -> Program:
    """Return a program of the organization in scope; raise Http404."""
    found: Program | None = (
        Program.objects.select_related("tool_version__tool", "playbook_version__playbook").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


def _address(org: str, program: Program) -> str:
    return reverse("org:deployments:program", kwargs={"org": org, "program": program.pk})
