"""Drafts: what is in them, what keeps them from being published, what they change, and when their items would be due."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from onboarding.playbooks.diff import differences
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.preview import PlannedItem, planned
from onboarding.playbooks.reading import PlaybookError
from onboarding.playbooks.web.correcting import SLUG, corrections
from onboarding.playbooks.web.files import attachment, read_upload
from onboarding.playbooks.web.forms.parts import ImportForm, PreviewForm
from onboarding.playbooks.web.timeline import late_words, lines, ties
from onboarding.playbooks.web.words import condition_words, offset_words, told
from tenancy.models import Organization
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar
from web.gantt import SCALES, draw, scales
from web.render import page, redirect_or_refresh, toast
from web.segments import chosen

MONTHS = timedelta(days=300)
"""The starter playbook's first items are due this long before go-live."""


@require(Permission.PLAYBOOK_READ)
@require_safe
def overview(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Items by stage, and everything that is wrong, each with the way to it."""
    return page(request, "playbooks/draft.html", overview_context(request, org, find(draft)))


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, org: str) -> HttpResponse:
    """Start a draft from a file."""
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            plain = read_upload(file)
            base = _base_of(plain)
            draft = PlaybookDraft.begin(plain, by=request.actor, made_from=file.name, base=base)  # type: ignore[attr-defined]
        except PlaybookError as error:
            problems = error.problems
        else:
            toast(request, f"{draft} is a draft")
            return redirect_or_refresh(request, address(org, draft))
    context = {"form": form, "problems": problems}
    return page(request, "playbooks/import.html", context, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_READ)
@require_safe
def export(request: HttpRequest, org: str, draft: UUID, kind: str) -> HttpResponse:
    """The draft as a YAML file or a workbook, finished or not."""
    found = find(draft)
    return attachment(found.plain(), f"{found.key or 'playbook'}-{found.version or 'draft'}-draft", kind)


@require(Permission.PLAYBOOK_READ)
@require_safe
def changes(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """What the draft changes against the version it started from."""
    found = find(draft)
    found_changes = differences(found.base.plain(), found.plain()) if found.base else []
    return page(request, "playbooks/draft_changes.html", {**frame(request, found), "differences": told(found_changes)})


@require(Permission.PLAYBOOK_READ)
@require_safe
def preview(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Every item on a timeline and by date, for a go-live and a kick-off to try."""
    found, today = find(draft), timezone.localdate()
    form = PreviewForm(request.GET if "go_live_on" in request.GET else None, initial=_usual(today))
    tried = form.cleaned_data if form.is_bound and form.is_valid() else _usual(today)
    plain = found.plain()
    country = Organization.objects.values_list("country", flat=True).get(pk=current().organization_id)
    items = planned(
        plain, go_live=tried["go_live_on"], kick_off=tried["kick_off_on"], calendar=WorkingCalendar(country)
    )
    stages = {one["number"]: one.get("title", "") for one in plain.get("stages") or []}
    titles, every = _titles(plain), request.GET.get("links") == "all"
    scale = chosen(request, "scale", SCALES, "months")
    context = frame(request, found)
    addresses = {}
    if context["authors"]:
        addresses = {
            key: reverse("org:playbooks:draft_item", kwargs={"org": org, "draft": found.pk, "key": key})
            for key in titles
            if SLUG.fullmatch(key)
        }
    dated = [one for one in items if one.due]
    context |= {
        "form": form,
        "drawing": draw(
            lines(items, stages, addresses, kick_off=tried["kick_off_on"], go_live=tried["go_live_on"]),
            scale=scale,
            today=today,
            ties=ties(dated, every=every),
        ),
        "gantt_title": f"Timeline of {len(dated)} items for the dates to try",
        "gantt_head": "Item",
        "scale": scale,
        "scales": scales(request, scale),
        "every": every,
        "too_early": sum(bool(one.too_early) for one in dated),
        "months": _by_month(items, stages, titles),
        "roles": _roles(plain),
    }
    return page(request, "playbooks/draft_preview.html", context)


@require(Permission.PLAYBOOK_PUBLISH)
@require_POST
def publish(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Make it a version."""
    found = find(draft)
    try:
        version = found.publish(by=request.actor)  # type: ignore[attr-defined]
    except PlaybookError:
        refused = "Correct what is listed below first."
    except DraftRefused as refusal:
        refused = str(refusal)
    else:
        toast(request, f"{version} is published")
        to = reverse("org:playbooks:version", kwargs={"org": org, "version": version.pk})
        return redirect_or_refresh(request, to)
    context = {**overview_context(request, org, find(draft)), "refused": refused}
    return page(request, "playbooks/draft.html", context, status=422)


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def discard(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Put it away."""
    found = find(draft)
    try:
        found.discard(by=request.actor)  # type: ignore[attr-defined]
    except DraftRefused as refusal:
        context = {**overview_context(request, org, found), "refused": str(refusal)}
        return page(request, "playbooks/draft.html", context, status=422)
    toast(request, f"{found} is discarded")
    return redirect_or_refresh(request, reverse("org:playbooks:index", kwargs={"org": org}))


def find(pk: UUID) -> PlaybookDraft:
    """Return the draft; raise Http404."""
    found: PlaybookDraft | None = (
        PlaybookDraft.objects.select_related("base__playbook", "published__playbook", "started_by")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def frame(request: HttpRequest, draft: PlaybookDraft) -> dict[str, Any]:
    """What every page of a draft has."""
    open_ = draft.state == PlaybookDraft.State.OPEN
    return {
        "draft": draft,
        "authors": open_ and can(request, Permission.PLAYBOOK_AUTHOR),
        "publishes": open_ and can(request, Permission.PLAYBOOK_PUBLISH),
        "refused": "",
    }


def overview_context(request: HttpRequest, org: str, draft: PlaybookDraft) -> dict[str, Any]:
    """Items by stage with their problems, gates, roles."""
    plain = draft.plain()
    problems = draft.problems(plain)
    titles = _titles(plain)
    by_key = {f"item '{one['key']}'": one["key"] for one in plain["items"]}
    items: dict[int, list[Any]] = defaultdict(list)
    for one in plain["items"]:
        items[one["stage"]].append(
            {**one, "rule": offset_words(one, titles), "where": condition_words(one.get("condition"))}
        )
    stages = sorted(plain.get("stages") or [], key=lambda one: one["number"])
    known = {one["number"] for one in stages}
    stray = [
        {"number": number, "title": "Not a stage of this draft", "stray": True}
        for number in items
        if number not in known
    ]
    return {
        **frame(request, draft),
        "plain": plain,
        "stages": [*stages, *stray],
        "next_stage": max(known, default=-1) + 1,
        "items": items,
        "gates": {one.get("stage"): one for one in plain.get("gates") or []},
        "roles": _roles(plain),
        "problems": corrections(org, draft, plain, problems),
        "wrong": {key for key in (by_key.get(one.subject.split(":")[0]) for one in problems) if key},
    }


def address(org: str, draft: PlaybookDraft) -> str:
    """Return the draft's page."""
    return reverse("org:playbooks:draft", kwargs={"org": org, "draft": draft.pk})


def _base_of(plain: Any) -> Any:
    """The newest version of the playbook that the file is about: its numbers stay as they are."""
    return PlaybookVersion.objects.published().filter(playbook__key=str(plain.get("key"))).first()


def _usual(today: date) -> dict[str, date]:
    """The dates tried first: kick-off today, and a go-live that leaves room for the first items."""
    return {"go_live_on": today + MONTHS, "kick_off_on": today}


def _by_month(items: list[PlannedItem], stages: dict[int, str], titles: dict[str, str]) -> dict[str, list[Any]]:
    months: dict[str, list[Any]] = defaultdict(list)
    for one in items:
        months[f"{one.due:%B %Y}" if one.due else "Without a date"].append(
            {
                "item": one.item,
                "start": one.start,
                "due": one.due,
                "stage": f"{one.item['stage']} {stages.get(one.item['stage'], '')}",
                "rule": offset_words(one.item, titles),
                "where": condition_words(one.item.get("condition")),
                "late": late_words(one, titles),
            }
        )
    return dict(months)


def _titles(plain: Any) -> dict[str, str]:
    return {one["key"]: f"#{one['number']} {one.get('title', one['key'])}" for one in plain["items"]}


def _roles(plain: Any) -> dict[str, str]:
    return {one.get("code", ""): one.get("title", "") for one in plain.get("roles") or []}
