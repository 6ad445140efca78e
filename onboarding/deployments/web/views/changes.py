"""The ledger of changes: what was changed in one go, by whom, and how it is taken back."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from accounts.models import User
from audit.timeline import timeline
from onboarding.deployments.actions.undo_change import ChangedSince, undo_change
from onboarding.deployments.models import Change, Item
from web.formats import day, plural
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

PAGE = 50
MAY = {
    Change.Kind.ITEMS: Permission.ITEM_WORK,
    Change.Kind.DEPLOYMENTS: Permission.DEPLOYMENT_PLAN,
    Change.Kind.TRACKER: Permission.IMPORT_RUN,
    Change.Kind.GO_LIVES: Permission.DEPLOYMENT_PLAN,
}
PEOPLE = {"assignee_id", "person_id", "deputy_id"}
UNSAID = {"done_at", "done_by_id", "started_at", "blocked_since", "since", "vacant_since"}


@require(Permission.ITEM_WORK)
@require_safe
def ledger(request: HttpRequest, org: str) -> HttpResponse:
    """Bulk changes, newest first."""
    _host_only(request)
    found = Change.objects.select_related(
        "made_by", "undone_by", "deployment__site", "deployment__tool_version__tool"
    ).order_by("-made_at", "-id")
    return page(
        request,
        "deployments/changes.html",
        {"changes": shown_rows(request.GET, found, PAGE), "longest": PAGE},
    )


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, org: str, change: UUID) -> HttpResponse:
    """What a change did, row by row; POST takes it back, with `partly` even where some rows changed since."""
    _host_only(request)
    found = Change.objects.select_related("made_by", "undone_by").filter(pk=change).first()
    if found is None:
        raise Http404
    needed = MAY[Change.Kind(found.kind)]
    if found.made_by_id != request.actor.person_id:  # type: ignore[attr-defined]
        needed = Permission.DEPLOYMENT_PLAN  # another's work is taken back by who plans, not by who works beside them
    context = {
        "change": found,
        "rows": _rows(found),
        "since": [],
        "may": can(request, needed),
        "history": timeline(found.pk),
    }
    if request.method != "POST":
        return page(request, "deployments/change.html", context)
    demand(request, needed)
    try:
        left = undo_change(found, by=request.actor, partly="partly" in request.POST)  # type: ignore[attr-defined]
    except ChangedSince as refusal:
        return page(request, "deployments/change.html", {**context, "since": refusal.labels}, status=409)
    toast(request, f"Undone: {found.title}" + (f". {plural(len(left), 'row')} stayed." if left else ""))
    return redirect_or_refresh(request, _back(org, found))


def _back(org: str, change: Change) -> str:
    if change.deployment_id and change.kind == Change.Kind.ITEMS:
        return reverse("org:deployments:checklist", kwargs={"org": org, "deployment": change.deployment_id})
    if change.kind == Change.Kind.DEPLOYMENTS:
        return reverse("org:deployments:portfolio", kwargs={"org": org})
    return reverse("org:deployments:changes", kwargs={"org": org})


def _rows(change: Change) -> list[dict[str, str]]:
    people = {
        value
        for row in change.rows
        for side in ("before", "after")
        for name, value in row[side].items()
        if name in PEOPLE
    }
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=people - {None}).values_list("pk", "name")}
    return [
        {"label": row["label"], "before": _words(row["before"], names), "after": _words(row["after"], names)}
        for row in change.rows
    ]


def _words(values: dict[str, Any], names: dict[str, str]) -> str:
    """Say field values as a person reads them: "In review", "24 Nov", "Ann Rivera"; moments and ids are left out."""
    said = []
    for name, value in values.items():
        if name in UNSAID:
            continue
        if name == "state":
            said.append(str(Item.State(value).label))
        elif name in PEOPLE:
            said.append(names.get(value, "Nobody") if value else "Nobody")
        elif name.endswith("_on") and value:
            said.append(day(date.fromisoformat(value)))
        elif value:
            said.append(str(value))
    return ", ".join(said) or "–"


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.ITEM_WORK)
