"""Moving the go-live of a wave, or of deployments that were ticked: every shift is seen before anything is done."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.actions.edit_items import PreviewIsOld
from onboarding.deployments.models import Deployment, PortfolioRow, Wave
from onboarding.deployments.web.telling import tell_of
from onboarding.plans.actions.move_many import LARGEST, Line, Target, digest, look, said
from onboarding.plans.actions.move_many import move_many as verb
from onboarding.plans.web.forms import MoveManyForm
from onboarding.plans.web.people import Owners
from onboarding.plans.workload import workload
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

SHOWN = 12
"""Shifts shown of each deployment; the file has all."""
COLUMNS: list[Column] = [
    ("Deployment", "deployment"), ("No.", "number"), ("Item", "title"), ("With", "who"), ("Due now", "before"),
    ("Would be", "after"), ("Days", "days"),
]  # fmt: skip


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def move_many(request: HttpRequest, org: str) -> HttpResponseBase:
    """A wave, or what was ticked: which dates move, for whom, and what that collides with; then all of it at once."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)
    asked = request.POST if request.method == "POST" else request.GET
    wave, ids, others = _chosen(asked)
    back = _back(org, wave)
    if not ids and not others:
        toast(request, "Tick the deployments first.")
        return HttpResponseRedirect(back)
    applying, today = "apply" in request.POST, timezone.localdate()
    tried = asked if asked.get("to") or asked.get("days") or "given" in asked else None
    form, old = MoveManyForm(tried, reason_wanted=applying), False
    previewed = form.is_bound and not {"to", "days"} & set(form.errors)
    target = Target(form.cleaned_data.get("to"), form.cleaned_data.get("days") or 0) if previewed else None
    if applying and target and form.is_valid():
        try:
            change = verb(
                ids, target, by=request.actor, reason=form.cleaned_data["reason"],  # type: ignore[attr-defined]
                said=said(target), expected=asked.get("seen", "-"),
            )  # fmt: skip
        except PreviewIsOld:
            old = True
        else:
            tell_of(request, change)
            return redirect_or_refresh(request, back)
    form.fields["reason"].required = target is not None  # wanted by the form below the preview
    lines = look(ids, target, today=today) if target else []
    owners = Owners(shift.item for line in lines if line.preview for shift in line.preview.shifts)
    if file := table_file(request, "go-live-moves", COLUMNS, list(_rows(lines, owners))):
        return file
    moving = [line for line in lines if line.preview and not line.refused]
    context = {
        "form": form,
        "wave": wave,
        "ids": ids,
        "back": back,
        "old": old,
        "previewed": target is not None,
        "says": said(target) if target else "",
        "moving": [_shown(line, owners) for line in moving],
        "count": sum(len(line.preview.shifts) for line in moving if line.preview),
        "overloads": _overloads(moving, today),
        "refused": [*others, *((str(line.deployment), line.refused) for line in lines if line.refused)],
        "chosen": list(Deployment.objects.for_page().filter(pk__in=ids).order_by("go_live_on", "pk"))
        if not target
        else [],
        "seen": digest(lines),
    }
    status = 409 if old else 422 if form.is_bound and form.errors else 200
    return page(request, "plans/move_many.html", context, status=status)


def _chosen(asked: Any) -> tuple[Wave | None, list[UUID], list[tuple[str, str]]]:
    """Return the wave, the own deployments in question, and those of others with why they stay."""
    if "wave" in asked:
        named = _uuids([asked["wave"]])
        wave = Wave.objects.select_related("program").filter(pk__in=named).first()
        found = Deployment.objects.running().filter(wave=wave).order_by("pk") if wave else Deployment.objects.none()
        return wave, list(found.values_list("pk", flat=True)[:LARGEST]), []
    picked = _uuids(asked.getlist("picked")[:LARGEST])
    rows = list(PortfolioRow.objects.filter(deployment_id__in=picked).order_by("host_name", "site"))
    own = list(Deployment.objects.filter(pk__in=picked).order_by("pk").values_list("pk", flat=True))
    others = [(f"{row.title}, {row.site}", f"{row.host_name} runs it: ask them.") for row in rows if row.part]
    return None, own, others


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in dict.fromkeys(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(org: str, wave: Wave | None) -> str:
    if wave:
        return reverse("org:plans:waves", kwargs={"org": org, "program": wave.program_id})
    return reverse("org:deployments:portfolio", kwargs={"org": org})


def _shown(line: Line, owners: Owners) -> dict[str, Any]:
    assert line.preview is not None
    shifts = line.preview.shifts
    return {
        "deployment": line.deployment,
        "preview": line.preview,
        "shifts": [{"shift": one, "who": owners.name(one.item)} for one in shifts[:SHOWN]],
        "more": len(shifts) - SHOWN,
        "people": len({owners.name(one.item) for one in shifts}),
    }


def _rows(lines: list[Line], owners: Owners) -> Iterator[dict[str, Any]]:
    for line in lines:
        for one in line.preview.shifts if line.preview and not line.refused else []:
            yield {
                "deployment": str(line.deployment), "number": one.item.number, "title": one.item.title,
                "who": owners.name(one.item), "before": one.before, "after": one.after, "days": (one.after - one.before).days,
            }  # fmt: skip


def _overloads(lines: list[Line], today: date) -> list[dict[str, Any]]:
    """Return the weeks in which the move gives somebody too much to do who has not too much now."""
    shifts = [shift for line in lines if line.preview for shift in line.preview.shifts]
    if not shifts:
        return []
    ids = {line.deployment.pk for line in lines}
    weeks = max(8, (max(one.after for one in shifts) - today).days // 7 + 2)
    now = workload(today=today, weeks=weeks, deployment_ids=ids)
    then = workload(today=today, weeks=weeks, deployment_ids=ids, as_if={one.item.id: one.after for one in shifts})
    known = {(person.id, week) for person, week, _ in now.conflicts()}
    return [
        {
            "name": person.name,
            "roles": ", ".join(sorted(person.roles)),
            "week": week,
            "hours": load.hours,
            "allowed": then.allowed(person, week),
            "sites": sorted({one[3] for one in load.items}),
        }
        for person, week, load in then.conflicts()
        if (person.id, week) not in known
    ]
