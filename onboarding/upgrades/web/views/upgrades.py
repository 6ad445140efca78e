"""Moving a program to another playbook version: what it would do, what must be decided, the ledger, and the way back."""

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from onboarding.deployments.models import Deployment, Program, Wave
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.actions.upgrade import CannotUpgrade, DryRun, dry_run, undo_upgrade, upgrade
from onboarding.upgrades.models import DeploymentUpgrade, Upgrade
from onboarding.upgrades.web.plan import conflicts, decisions_of, kept, totals
from onboarding.upgrades.web.record import sites_of
from tenancy.scope import current
from web.formats import plural
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

SHOWN = 200


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """A version and a wave in the address show what would happen; the form below decides and applies."""
    found = _program(program)
    asked = request.POST if request.method == "POST" else request.GET
    to = _version(asked.get("to", ""))
    wave, whole = asked.get("wave", ""), current().sites is None
    runs = dry_run(found, to, _of_wave(found, wave)) if to else []
    refused, decided = "", {}
    picked = {str(run.deployment.pk) for run in runs}
    if to and request.method == "POST":
        picked &= set(request.POST.getlist("picked"))
        chosen = [run for run in runs if str(run.deployment.pk) in picked]
        decided = decisions_of(request.POST, chosen)
        for_new_sites = whole and "for_new_sites" in request.POST
        refused = "" if chosen or for_new_sites else "Tick at least one site."
        if not refused:
            try:
                ledger = upgrade(
                    found,
                    to,
                    [run.deployment.pk for run in chosen],
                    by=request.actor,  # type: ignore[attr-defined]
                    decisions=decided,
                    for_new_sites=for_new_sites,
                )
            except CannotUpgrade as refusal:
                refused = str(refusal)
            else:
                if ledger is None:
                    toast(request, "Every site is on this version already")
                    return redirect_or_refresh(request, _to(org, "deployments:program", program=program))
                toast(request, f"{plural(len(chosen), 'site')} moved to {to}")
                return redirect_or_refresh(request, _to(org, "upgrades:upgrade", upgrade=ledger.pk))
    context = {
        **_choices(found, to, wave),
        **_outcome(runs, to, decided),
        "picked": picked,
        "refused": refused,
        "whole": whole,
        "for_new_sites": "for_new_sites" in request.POST if request.method == "POST" else not wave,
    }
    return page(request, "upgrades/plan.html", context, status=422 if refused else 200)


@require(Permission.PLAYBOOK_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """The ledger: every move, newest first."""
    moves = (
        Upgrade.objects.select_related("program", "to_version__playbook", "by", "undone_by")
        .annotate(sites=Count("deployments"))
        .order_by("-at")
    )
    return page(request, "upgrades/ledger.html", {"moves": shown_rows(request.GET, moves, SHOWN)})


@require(Permission.PLAYBOOK_READ)
@require_safe
def detail(request: HttpRequest, org: str, upgrade: UUID) -> HttpResponse:
    """What one move did at each site, and what was decided."""
    return page(request, "upgrades/upgrade.html", _detail(request, upgrade))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def undo(request: HttpRequest, org: str, upgrade: UUID) -> HttpResponse:
    """Bring the sites back to where they were."""
    found = _upgrade(upgrade)
    try:
        undo_upgrade(found, by=request.actor)  # type: ignore[attr-defined]
    except CannotUpgrade as refusal:
        return page(
            request, "upgrades/upgrade.html", {**_detail(request, upgrade), "refused": str(refusal)}, status=422
        )
    toast(request, f"{found.program.title} is back where it was")
    return redirect_or_refresh(request, _to(org, "upgrades:upgrade", upgrade=found.pk))


def _choices(program: Program, to: PlaybookVersion | None, wave: str) -> dict[str, Any]:
    """The versions to move to, those of the program's own playbook first, and the waves."""
    published = PlaybookVersion.objects.published().select_related("playbook").defer("content")
    versions = sorted(published, key=lambda one: one.playbook_id != program.playbook_version.playbook_id)
    waves = Wave.objects.filter(program=program).order_by("number")
    return {
        "program": program,
        "to": to,
        "wave": wave,
        "version_choices": [(str(one.pk), str(one)) for one in versions],
        "suggested": next((str(one.pk) for one in versions if one.pk != program.playbook_version_id), ""),
        "wave_choices": [("", "All waves"), *((str(one.number), one.title) for one in waves)],
    }


def _outcome(runs: list[DryRun], to: PlaybookVersion | None, decided: Any) -> dict[str, Any]:
    return {
        "runs": sorted(runs, key=lambda run: run.deployment.site.name),
        "totals": totals(runs),
        "opening": sum(bool(run.opens_again) for run in runs),
        "conflicts": conflicts(runs, to, decided) if to else [],
        "kept": kept(runs),
    }


def _detail(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    found = _upgrade(pk)
    entries = (
        DeploymentUpgrade.objects.filter(upgrade=found)
        .select_related("deployment__site", "from_version__playbook")
        .order_by("deployment__site__name")
    )
    return {
        "upgrade": found,
        "sites": sites_of(list(entries), found.to_version),
        "may_undo": can(request, Permission.DEPLOYMENT_PLAN) and not found.undone_at,
        "refused": "",
        "history": timeline(found.pk),
    }


def _of_wave(program: Program, wave: str) -> list[UUID] | None:
    if not wave.isdecimal():
        return None
    return list(Deployment.objects.filter(program=program, wave__number=int(wave)).values_list("pk", flat=True))


def _version(text: str) -> PlaybookVersion | None:
    if not text:
        return None
    try:
        found = PlaybookVersion.objects.published().select_related("playbook").filter(pk=UUID(text)).first()
    except ValueError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def _program(pk: UUID) -> Program:
    found: Program | None = Program.objects.select_related("playbook_version__playbook").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _upgrade(pk: UUID) -> Upgrade:
    found: Upgrade | None = (
        Upgrade.objects.select_related("program", "to_version__playbook", "program_from__playbook", "by", "undone_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _to(org: str, name: str, **ids: Any) -> str:
    return reverse(f"org:{name}", kwargs={"org": org, **ids})
