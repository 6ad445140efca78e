"""Waves of a program: on one timeline, and as a board of rules, sites, capacity and lessons."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import Entry, together
from onboarding.deployments.health import health_of
from onboarding.deployments.models import Deployment, Program, Wave
from onboarding.plans.actions import run_wave
from onboarding.plans.actions.move_dates import MOVABLE
from onboarding.plans.criteria import CRITERIA, USUAL, ProgramGround, program_ground, unmet
from onboarding.plans.models import BlackoutPeriod, Lesson, WaveRun
from onboarding.plans.models.staged import WaveRefused
from onboarding.plans.web.forms import WaveRulesForm
from onboarding.plans.web.program_timeline import lines, stages_of, ties
from onboarding.plans.workload import Load, Person, Workload, workload
from tenancy.scope import current
from web.gantt import SCALES, draw, scales
from web.render import page, redirect_or_refresh, toast
from web.segments import chosen

LOOKS = {"waiting": "to_do", "canary": "in_progress", "expanding": "in_progress", "halted": "blocked", "done": "done"}
MOST_CONFLICTS = 12
VERBS = {"start": run_wave.start_wave, "expand": run_wave.expand_wave, "resume": run_wave.resume_wave}


@require(Permission.DEPLOYMENT_PLAN)
@require_safe
def timeline(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """Every site of a program on one axis, by wave: stages, signed gates, baseline and where go-live is heading."""
    found, today = _program(program), timezone.localdate()
    scale = chosen(request, "scale", SCALES, "months")
    waves = _by_wave(found)
    every = [one for _, ones in waves for one in ones]
    titles = {stage["number"]: stage["title"] for stage in found.playbook_version.stages}
    rows = lines(waves, stages_of(one.pk for one in every), titles, org, today)
    periods = BlackoutPeriod.objects.filter(site=None).values_list("first", "last", "title")
    context = {
        "program": found,
        "drawing": draw(
            rows, scale=scale, today=today, ties=ties(found, [one for one in every if one.wave_id]), off=list(periods)
        ),
        "gantt_title": f"Timeline of {len(every)} sites in {len(waves)} waves",
        "gantt_head": "Site",
        "waves": waves,
        "scales": scales(request, scale),
    }
    return page(request, "plans/program_timeline.html", context)


@require(Permission.DEPLOYMENT_PLAN)
@require_safe
def index(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """How each wave stands: its rules and whether they hold, its sites, who has too much to do, and what was learned."""
    found, today = _program(program), timezone.localdate()
    runs = {one.wave_id: one for one in WaveRun.objects.filter(wave__program=found)}
    lessons: dict[UUID, list[Lesson]] = {}
    for lesson in Lesson.objects.filter(wave__program=found).order_by("at"):
        lessons.setdefault(lesson.wave_id, []).append(lesson)
    waves, earlier = [], None
    sites = {wave.pk: list(ones) for wave, ones in _waves_with_sites(found)}
    ground = program_ground(found.pk, found.organization_id, today=today)
    for wave in Wave.objects.filter(program=found).order_by("number"):
        waves.append(_shown(wave, runs.get(wave.pk), sites.get(wave.pk, []), lessons, earlier, ground, org))
        earlier = wave
    going = [one.pk for ones in sites.values() for one in ones if one.state != Deployment.State.LIVE]
    load = workload(today=today, weeks=12, deployment_ids=going)
    context = {
        "program": found,
        "waves": waves,
        "conflicts": [_conflict(load, *one) for one in load.conflicts()[:MOST_CONFLICTS]],
        "runs": can(request, Permission.DEPLOYMENT_PLAN),
        "history": _history(runs.values(), lessons) if current().sites is None else [],
    }
    return page(request, "plans/waves.html", context)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def rules(request: HttpRequest, org: str, program: UUID, wave: UUID) -> HttpResponse:
    """Set how a wave is run."""
    found = _wave(program, wave)
    form = WaveRulesForm(request.POST, sites=_sites(found), criteria=CRITERIA.values())
    if form.is_valid():
        values = form.cleaned_data
        try:
            WaveRun.set_rules(
                found,
                canaries=[UUID(pk) for pk in values["canaries"]],
                stable_days=values["stable_days"],
                criteria=values["criteria"],
                by=request.actor,  # type: ignore[attr-defined]
            )
        except WaveRefused as refusal:
            toast(request, f"Nothing was changed. {refusal}")
        else:
            toast(request, f"The rules of {found.title} are set")
    else:
        toast(request, "Nothing was changed. Choose sites of the wave, and days between 0 and 365.")
    return _back(request, program)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def run(request: HttpRequest, org: str, program: UUID, wave: UUID, do: str) -> HttpResponse:
    """Start a wave, let all sites follow, halt it, or let it go on."""
    wave_run = WaveRun.objects.filter(wave=_wave(program, wave)).first()
    if wave_run is None or do not in {*VERBS, "halt"}:
        raise Http404
    by = request.actor  # type: ignore[attr-defined]
    try:
        if do == "halt":
            run_wave.halt_wave(wave_run, [request.POST.get("reason", "")], by=by)
        else:
            VERBS[do](wave_run, by=by)
    except WaveRefused as refusal:
        toast(request, str(refusal))
    return _back(request, program)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def learn(request: HttpRequest, org: str, program: UUID, wave: UUID) -> HttpResponse:
    """Write down what a wave learned."""
    try:
        Lesson.learn(_wave(program, wave), request.POST.get("text", "")[:500], by=request.actor)  # type: ignore[attr-defined]
    except ValueError as refusal:
        toast(request, str(refusal))
    return _back(request, program)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def take_up(request: HttpRequest, org: str, program: UUID, lesson: UUID) -> HttpResponse:
    """Say what the next wave does about a lesson."""
    found = Lesson.objects.filter(pk=lesson, wave__program_id=program).first()
    if found is None:
        raise Http404
    try:
        found.take_up(request.POST.get("answer", "")[:500], by=request.actor)  # type: ignore[attr-defined]
    except ValueError as refusal:
        toast(request, str(refusal))
    return _back(request, program)


def _shown(
    wave: Wave,
    wave_run: WaveRun | None,
    sites: list[Deployment],
    lessons: dict[UUID, list[Lesson]],
    earlier: Wave | None,
    program: ProgramGround,
    org: str,
) -> dict[str, Any]:
    """Return one wave as the page shows it; only a wave that has yet to start, or runs, is looked into."""
    criteria: list[dict[str, Any]] = []
    because = wave_run.halted_because if wave_run else []
    if wave_run and wave_run.state != WaveRun.State.DONE:
        ground = program.of(wave, wave_run.canaries)
        for key, open_ones in unmet(wave_run, ground).items():
            criteria.append({"title": CRITERIA[key].title, "open": open_ones})
        if current().sites is not None:  # what was written down names sites that they do not see
            because = ground.halted
    form = WaveRulesForm(
        sites=[(str(one.pk), one.site.name) for one in sites],
        criteria=CRITERIA.values(),
        initial={
            "canaries": [str(pk) for pk in wave_run.canaries] if wave_run else [],
            "stable_days": wave_run.stable_days if wave_run else 14,
            "criteria": wave_run.criteria if wave_run else USUAL,
        },
        prefix=None,
        auto_id=f"w{wave.number}-%s",
    )
    return {
        "wave": wave,
        "wave_run": wave_run,
        "look": LOOKS[wave_run.state] if wave_run else "",
        "because": because,
        "criteria": criteria,
        "form": form,
        "sites": [{"one": one, "health": health_of(one, program.today), "first": bool(wave_run and one.pk in wave_run.canaries)} for one in sites],
        "learned": lessons.get(wave.pk, []),
        "carried": [
            {"lesson": one, "address": reverse("org:plans:lesson_take_up", kwargs={"org": org, "program": wave.program_id, "lesson": one.pk})}
            for one in (lessons.get(earlier.pk, []) if earlier else [])
        ],
        "at": _addresses(wave, org),
        "moves": any(one.state in MOVABLE for one in sites),
        "earlier": earlier,
    }  # fmt: skip


def _addresses(wave: Wave, org: str) -> dict[str, str]:
    place = {"org": org, "program": wave.program_id, "wave": wave.pk}
    verbs = {do: reverse("org:plans:wave_run", kwargs={**place, "do": do}) for do in (*VERBS, "halt")}
    rules, learn = (reverse(f"org:plans:{name}", kwargs=place) for name in ("wave_rules", "lesson_learn"))
    return {**verbs, "rules": rules, "learn": learn}


def _history(runs: Iterable[WaveRun], lessons: dict[UUID, list[Lesson]]) -> list[Entry]:
    subjects = [*(run.pk for run in runs), *(one.pk for ones in lessons.values() for one in ones)]
    return together(subjects)


def _conflict(found: Workload, person: Person, week: date, load: Load) -> dict[str, Any]:
    return {
        "name": person.name,
        "roles": ", ".join(sorted(person.roles)),
        "week": week,
        "hours": load.hours,
        "allowed": found.allowed(person, week),
        "sites": sorted({one[3] for one in load.items}),
    }


def _waves_with_sites(program: Program) -> list[tuple[Wave, list[Deployment]]]:
    by_wave: dict[UUID, tuple[Wave, list[Deployment]]] = {}
    for one in _running(program).exclude(wave=None):
        by_wave.setdefault(one.wave.pk, (one.wave, []))[1].append(one)
    return list(by_wave.values())


def _by_wave(program: Program) -> list[tuple[str, list[Deployment]]]:
    by_title: dict[str, list[Deployment]] = {}
    for one in _running(program):
        by_title.setdefault(one.wave.title if one.wave else "Without a wave", []).append(one)
    return list(by_title.items())


def _running(program: Program) -> QuerySet[Deployment]:
    found = Deployment.objects.running().filter(program=program).select_related("site", "wave")
    return found.order_by("wave__number", "go_live_on", "site__name")


def _sites(wave: Wave) -> list[tuple[str, str]]:
    found = Deployment.objects.running().filter(wave=wave).order_by("go_live_on", "pk")
    return [(str(pk), name) for pk, name in found.values_list("pk", "site__name")]


def _program(pk: UUID) -> Program:
    found: Program | None = Program.objects.select_related("playbook_version").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _wave(program: UUID, pk: UUID) -> Wave:
    found: Wave | None = Wave.objects.filter(pk=pk, program_id=program).first()
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest, program: UUID) -> HttpResponse:
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(request, reverse("org:plans:waves", kwargs={"org": org, "program": program}))
