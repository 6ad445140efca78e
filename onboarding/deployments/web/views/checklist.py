"""The checklist of a deployment, the panel beside it, and the gates in words."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import can, require
from notices.models import ReminderPolicy
from notices.web.words import rule_words
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.notices import terms_of
from onboarding.deployments.web.beside import beside, neighbors
from onboarding.deployments.web.checklist import checklist as the_list
from onboarding.deployments.web.frame import frame, gate_rows
from onboarding.deployments.web.panel import fingerprint
from onboarding.deployments.web.panel import panel as the_panel
from onboarding.deployments.web.papers import opened_papers
from web.jinja import icon
from web.render import etag, fragment_text, names, not_modified, page, redirect_or_refresh, render_fragment
from web.tables import Column, table_file

TEMPLATE = "deployments/checklist.html"
TABLE: list[Column] = [
    ("No.", "number"), ("Item", "title"), ("Status", "look.word"), ("Waits for", "waits_for"), ("Files", "files"),
    ("Evidence missing", "missing"), ("Team role", "owner"), ("Owner", "owner_title"), ("Due", "due"),
    ("First planned", "planned"), ("Late", "late"), ("Gate", "letter_says"),
]  # fmt: skip
ICONS = ("s-done", "s-half", "s-eye", "s-wait", "s-risk", "s-waive", "s-late", "s-stop", "s-idle", "s-na", "clip")


@require(Permission.ITEM_READ)
@require_safe
def checklist(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """The list. Under htmx only what changed: nothing (304), or list and head."""
    if _fragment(request):
        version = Deployment.objects.filter(pk=deployment).values_list("version", flat=True).first()
        if unchanged := not_modified(request, _shown(request, deployment, version)):
            return unchanged
        return render_fragment(request, TEMPLATE, "board", _list(request, deployment, swapped=True))
    context = _list(request, deployment)
    rows = [row for group in context["groups"] for row in group.rows]
    if file := table_file(request, "checklist", TABLE, rows):
        return file
    if context["views"] and context["views"].opens:
        return HttpResponseRedirect(context["views"].opens)
    return page(request, TEMPLATE, context)


@require(Permission.ITEM_READ)
@require_safe
def item(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
    """One item beside the list; under htmx the panel alone."""
    lens = Lens.of(request)
    if not _fragment(request):
        return page(request, TEMPLATE, item_page(request, deployment, item))
    found = lens.item(deployment, item)
    shown = fingerprint(found, list(found.predecessors().only("version")), timezone.localdate())
    if unchanged := not_modified(request, shown):
        return unchanged
    whole = lens.deployment(deployment)
    context = {
        "deployment": whole,
        **the_panel(request, lens, whole, found),
        **beside(request, lens, whole, found),
    }
    return render_fragment(request, TEMPLATE, "item", context)


@require(Permission.GATE_READ)
@require_safe
def overview(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Stages and gates without items: what a funder sees, and where the gates' own rules can be read."""
    lens = Lens.of(request)
    found = lens.deployment(deployment)
    context = {"gate_rows": gate_rows(found), "partner": not lens.of_host, "papers": opened_papers(lens, found.pk)}
    context["plans"] = can(request, Permission.DEPLOYMENT_PLAN)
    if lens.of_host:
        context["rules"] = ReminderPolicy.current().inherited(terms_of([found.pk])[found.pk])
        context |= {"rule_words": rule_words, "keeps_policy": can(request, Permission.POLICY_MANAGE)}
    return page(request, "deployments/overview.html", {**frame(request, found, "Stages and gates"), **context})


@require(Permission.DEPLOYMENT_READ)
@require_safe
def enter(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """The address of the deployment itself: the checklist for those who see items, else stages and gates."""
    return (
        checklist(request, org, deployment)
        if can(request, Permission.ITEM_READ)
        else overview(request, org, deployment)
    )


def item_page(request: HttpRequest, deployment_id: Any, name: str, **more: Any) -> dict[str, Any]:
    """Return the context of the whole page with one item open."""
    lens = Lens.of(request)
    deployment, found = lens.deployment(deployment_id), lens.item(deployment_id, name)
    listed = the_list(request, lens, deployment, selected=found.pk)
    return {
        **frame(request, deployment, "Checklist"),
        **listed,
        **the_panel(request, lens, deployment, found),
        **neighbors([(row.id, row.address) for group in listed["groups"] for row in group.rows], found),
        **_bulk(request, lens),
        "shown": etag(_shown(request, deployment.pk, deployment.version)),
        "open": True,
        "swapped": False,
        **more,
    }


def answer(
    request: HttpRequest, deployment_id: Any, name: str, *, said: str = "", refused: str = "", status: int = 200
) -> HttpResponse:
    """Answer a verb: back to the item's page, or under htmx panel, list and head as they now are."""
    if not _fragment(request):
        if refused:
            return page(request, TEMPLATE, item_page(request, deployment_id, name, refused=refused), status=status)
        place = {"org": request.organization.slug, "deployment": deployment_id, "item": name}  # type: ignore[attr-defined]

        return redirect_or_refresh(request, reverse("org:deployments:item", kwargs=place))
    context = names(request, item_page(request, deployment_id, name, refused=refused, said=said, swapped=True))
    text = fragment_text(request, TEMPLATE, "item", context) + fragment_text(request, TEMPLATE, "board", context)
    return HttpResponse(text, status=status, headers={"Cache-Control": "private, no-cache"})


def refused_list(request: HttpRequest, deployment_id: Any, refused: str) -> HttpResponse:
    """Answer bulk work that was refused: the list with the reason, nothing changed."""
    return page(request, TEMPLATE, {**_list(request, deployment_id), "list_refused": refused}, status=422)


def _list(request: HttpRequest, deployment_id: Any, *, swapped: bool = False) -> dict[str, Any]:
    lens = Lens.of(request)
    deployment = lens.deployment(deployment_id)
    return {
        **frame(request, deployment, "Checklist"),
        **the_list(request, lens, deployment),
        **_bulk(request, lens),
        "shown": etag(_shown(request, deployment.pk, deployment.version)),
        "item": None,
        "open": False,
        "swapped": swapped,
    }


def _bulk(request: HttpRequest, lens: Lens) -> dict[str, Any]:
    """Return what the list needs besides its rows: icons drawn once, and whether rows can be ticked."""
    bulk = lens.of_host and lens.can(Permission.ITEM_WORK)
    return {
        "list_refused": "",
        "icons": {name: icon(name) for name in ICONS},
        "bulk": bulk,
    }


def _shown(request: HttpRequest, deployment_id: Any, version: int | None) -> str:
    """Return what changes whenever the list would look different."""
    return f"{deployment_id}:{version}:{request.GET.urlencode()}:{timezone.localdate()}"


def _fragment(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)
