"""Doing it differently at a site, the report of it, and the way back to the playbook's author."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from onboarding.adaptations.actions.adapt import add_item, change_item, drop_item
from onboarding.adaptations.actions.learn import NotProven, draft_from
from onboarding.adaptations.actions.take import take
from onboarding.adaptations.frame import Kind
from onboarding.adaptations.models import Adaptation, SentChange
from onboarding.adaptations.web.answering import answered, taken_into_draft
from onboarding.adaptations.web.forms import AddForm, ChangeForm, FrameForm, LearnForm
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.frame import frame
from onboarding.playbooks.inheritance import givers
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.web.words import field_words, value_words
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

SHOWN = 300
TABLE: list[Column] = [
    ("Site", "deployment.site.name"), ("Item", "item.number"), ("Title", "item.title"), ("What", "get_kind_display"),
    ("Fields", lambda one: "; ".join(f"{name}: {before} → {after}" for name, before, after in changes(one.fields))),
    ("Why", "get_reason_display"), ("What for", "get_goal_display"), ("Core", "get_fidelity_display"),
    ("When", "get_phase_display"), ("Planned", "get_planned_display"), ("Modified", "get_what_display"),
    ("Level", "get_level_display"), ("Nature", "get_nature_display"), ("Duration", "get_duration_display"),
    ("Decided by", "decided_by"), ("Note", "note"), ("By", "by"), ("On", lambda one: one.at.date()),
    ("State", "get_state_display"),
]  # fmt: skip


@require(Permission.ITEM_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
    """Do an item differently here."""
    found, roles = _item(request, deployment, item), _roles(deployment)
    form = ChangeForm(request.POST or None, item=found, roles=roles, me=request.user.pk)
    if request.method == "POST" and form.is_valid():
        try:
            change_item(found, form.values(), frame=form.frame() or None, by=request.actor)  # type: ignore[attr-defined]
        except ItemRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"#{found.number} is done differently here")
            return redirect_or_refresh(request, _item_address(org, found))
    title = f"Do #{found.number} differently here"
    return _form(
        request, found, form, title, "The playbook stays as it is; this site's item changes.", "Change it here"
    )


@require(Permission.ITEM_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
    """Leave an item out here."""
    found, roles = _item(request, deployment, item), _roles(deployment)
    form = FrameForm(request.POST or None, roles=roles, me=request.user.pk)
    if request.method == "POST" and form.is_valid():
        try:
            drop_item(found, frame=form.frame(), by=request.actor)  # type: ignore[attr-defined]
        except ItemRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"#{found.number} is not needed here")
            return redirect_or_refresh(request, _item_address(org, found))
    title = f"Leave #{found.number} out here"
    return _form(
        request, found, form, title, f"{found.title}: the item stays on the list as not needed.", "Leave it out"
    )


@require(Permission.ITEM_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Add an item of the site's own."""
    lens = Lens.of(request)
    found = lens.deployment(deployment)
    if not lens.of_host:
        raise NotAllowed(Permission.ITEM_REVIEW)
    form = AddForm(
        request.POST or None, stages=found.playbook_version.stages, roles=_roles(deployment), me=request.user.pk
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = add_item(found, **form.values(), frame=form.frame(), by=request.actor)  # type: ignore[attr-defined]
        except ItemRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"#{made.item.number} {made.item.title} added")
            return redirect_or_refresh(request, _item_address(org, made.item))
    context = {
        **frame(request, found, ""),
        "form": form,
        "title": "Add an item of our own",
        "lead": "It stands on this site's list only, numbered above 900. You may offer it to the playbook's author later.",
        "submit": "Add the item",
        "back": reverse("org:deployments:checklist", kwargs={"org": org, "deployment": deployment}),
    }
    return page(request, "adaptations/form.html", context, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def learn(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Make a playbook from a deployment that has proved itself."""
    lens = Lens.of(request)
    found = lens.deployment(deployment)
    if not lens.of_host:
        raise NotAllowed(Permission.PLAYBOOK_AUTHOR)
    form = LearnForm(request.POST or None, initial={"title": f"As at {found.site.name}"})
    if request.method == "POST" and form.is_valid():
        try:
            draft = draft_from(found, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except NotProven as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{draft} is a draft")
            return redirect_or_refresh(request, reverse("org:playbooks:draft", kwargs={"org": org, "draft": draft.pk}))
    context = {**frame(request, found, ""), "form": form}
    return page(request, "adaptations/learn.html", context, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_READ)
@require_safe
def report(request: HttpRequest, org: str) -> HttpResponseBase:
    """Every adaptation, by site or by item, newest first."""
    found = _filtered(request)
    if file := table_file(request, "adaptations", TABLE, found):
        return file
    rows = list(found[: SHOWN + 1])
    by_item = request.GET.get("by") == "item"
    authors_elsewhere = givers() if can(request, Permission.DEPLOYMENT_SHARE) else {}
    sent = {one.adaptation_id: one for one in SentChange.objects.filter(adaptation__in=rows).select_related("author")}
    groups: dict[str, list[Any]] = {}
    for one in rows[:SHOWN]:
        title = f"#{one.item.number} {one.item.title}" if by_item else one.deployment.site.name
        groups.setdefault(title, []).append(
            {
                "one": one,
                "sent": sent.get(one.pk),
                "author": authors_elsewhere.get(one.deployment.playbook_version_id),
                "fields": changes(one.fields),
            }
        )
    context = {
        "groups": dict(sorted(groups.items())),
        "total": len(rows[:SHOWN]),
        "more": len(rows) > SHOWN,
        "by_item": by_item,
        "state": request.GET.get("state", ""),
        "kinds": [(kind.label, sum(one.kind == kind for one in rows)) for kind in Kind],
        "drafts": list(PlaybookDraft.objects.open().defer("head")) if can(request, Permission.PLAYBOOK_AUTHOR) else [],
        "offers": can(request, Permission.ITEM_REVIEW),
        "authors": can(request, Permission.PLAYBOOK_AUTHOR),
        "sends": can(request, Permission.DEPLOYMENT_SHARE),
        "at_home": request.part is None,  # type: ignore[attr-defined]
        "refused": "",
    }
    return page(request, "adaptations/report.html", context)


@require(Permission.ITEM_REVIEW)
@require_POST
def offer(request: HttpRequest, org: str, adaptation: UUID) -> HttpResponse:
    """Propose it to the playbook's author."""
    found = find(adaptation)
    return answered(request, to_report(org), lambda: found.offer(by=request.actor), f"#{found.item.number} is offered")  # type: ignore[attr-defined]


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def decline(request: HttpRequest, org: str, adaptation: UUID) -> HttpResponse:
    """Leave it to the site alone."""
    found = find(adaptation)
    by = request.actor  # type: ignore[attr-defined]
    return answered(request, to_report(org), lambda: found.decline(by=by), f"#{found.item.number} stays with the site")


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def take_into(request: HttpRequest, org: str, adaptation: UUID) -> HttpResponse:
    """Take it into an open draft."""
    found = find(adaptation)
    return taken_into_draft(request, to_report(org), lambda draft: take(found, draft, by=request.actor))  # type: ignore[attr-defined]


def changes(fields: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return each field with its value before and after, in words."""
    return [
        (field_words(one["field"]), value_words(one["field"], one["before"]), value_words(one["field"], one["after"]))
        for one in fields
    ]


def to_report(org: str) -> str:
    """Return the report's page."""
    return reverse("org:adaptations:list", kwargs={"org": org})


def _filtered(request: HttpRequest) -> QuerySet[Adaptation]:
    found = Adaptation.objects.select_related("deployment__site", "item", "by", "draft").order_by("-at")
    state = request.GET.get("state", "")
    narrowed = Q(state=state) if state in Adaptation.State.values else Q()
    key = request.GET.get("key", "")
    return found.filter(narrowed & (Q(key=key) if key else Q()))


def _form(request: HttpRequest, item: Item, form: Any, title: str, lead: str, submit: str) -> HttpResponse:
    lens = Lens.of(request)
    context = {
        **frame(request, lens.deployment(item.deployment_id), ""),
        "form": form,
        "title": title,
        "lead": lead,
        "submit": submit,
        "back": _item_address(request.organization.slug, item),  # type: ignore[attr-defined]
    }
    return page(request, "adaptations/form.html", context, status=422 if form.is_bound else 200)


def _item(request: HttpRequest, deployment: UUID, item: str) -> Item:
    lens = Lens.of(request)
    found = lens.item(deployment, item)
    if not lens.of_host:
        raise NotAllowed(Permission.ITEM_REVIEW)
    return found


def find(pk: UUID) -> Adaptation:
    """Return an adaptation of the organization in scope; raise Http404."""
    found: Adaptation | None = (
        Adaptation.objects.select_related("item", "deployment__playbook_version__playbook").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


def _roles(deployment: UUID) -> list[TeamRole]:
    return list(TeamRole.objects.filter(deployment_id=deployment).order_by("title"))


def _item_address(org: str, item: Item) -> str:
    ids = {"org": org, "deployment": item.deployment_id, "item": str(item.number)}
    return reverse("org:deployments:item", kwargs=ids)
