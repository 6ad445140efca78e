"""The organization's playbooks, each readable in full; and the playbooks of the library."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from notices.web.words import said
from onboarding.playbooks.diff import differences
from onboarding.playbooks.inheritance import levels, newer
from onboarding.playbooks.library import library, not_adopted
from onboarding.playbooks.models import PlaybookDraft, PlaybookItem, PlaybookOffer, PlaybookVersion
from onboarding.playbooks.models.draft import next_number
from onboarding.playbooks.web.files import attachment
from onboarding.playbooks.web.forms.parts import OwnForm
from onboarding.playbooks.web.words import told, triggers_told
from tenancy.offers import may_receive
from web.render import page, redirect_or_refresh, toast


@require(Permission.PLAYBOOK_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """Every version, newest first, open drafts, and the playbooks of the library that are not adopted."""
    versions = list(
        PlaybookVersion.objects.select_related("playbook").defer("content").order_by("playbook__title", "-published_at")
    )
    context = {
        "versions": versions,
        "drafts": list(PlaybookDraft.objects.open().select_related("started_by").defer("head")),
        "library": not_adopted([one.sha256 for one in versions]),
        "adopts": can(request, Permission.PLAYBOOK_AUTHOR),
    }
    return page(request, "playbooks/index.html", context)


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def adopt(request: HttpRequest, org: str) -> HttpResponse:
    """Take an own copy of a playbook of the library."""
    key = request.POST.get("key", library()[0].key)
    document = next((one for one in library() if one.key == key), None)
    if document is None:
        raise Http404
    version = PlaybookVersion.adopt(document, by=request.actor, source="library")  # type: ignore[attr-defined]
    toast(request, f"{version} is yours")
    return redirect_or_refresh(request, to_version(org, version))


@require(Permission.PLAYBOOK_READ)
@require_safe
def version(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Stages, items with guidance, gates and roles of one version."""
    found = find(version)
    items: dict[int, list[PlaybookItem]] = {}
    for item in PlaybookItem.objects.filter(version=found).order_by("stage", "number"):
        items.setdefault(item.stage, []).append(item)
    at_home = getattr(request, "part", None) is None
    offers = at_home and not found.giver_id and can(request, Permission.PLAYBOOK_PUBLISH)
    others = PlaybookVersion.objects.published().select_related("playbook").defer("content").exclude(pk=found.pk)
    context = {
        "version": found,
        "items": items,
        "roles": {role["code"]: role for role in found.roles},
        "gates": {gate["key"]: gate for gate in found.gates},
        "total": sum(map(len, items.values())),
        "triggers": triggers_told(found.content["runbook"]),
        "compare_choices": [(str(one.pk), str(one)) for one in others],
        "reminders": said(found.content.get("reminders") or {}),
        "parent_id": found.parent_id,
        "newer": newer(found),
        "history": timeline(found.pk) if at_home else [],
        "at_home": at_home,
        "receivers": [(str(one.pk), one.name) for one in may_receive()] if offers else [],
        "given": list(PlaybookOffer.objects.filter(version=found).select_related("partner")) if at_home else [],
        "authors": can(request, Permission.PLAYBOOK_AUTHOR),
    }
    return page(request, "playbooks/version.html", context)


@require(Permission.PLAYBOOK_READ)
@require_safe
def export(request: HttpRequest, org: str, version: UUID, kind: str) -> HttpResponse:
    """The version as a YAML file or a workbook."""
    found = find(version)
    return attachment(found.plain(), f"{found.playbook.key}-{found.version}", kind)


@require(Permission.PLAYBOOK_READ)
@require_safe
def changes(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """What differs from another version: the one asked for, else the one it was made from."""
    found = find(version)
    since = request.GET.get("since", "")
    other = find(_uuid(since)) if since else None
    if other is None and found.parent_id:
        other = find(found.parent_id)
    context = {
        "version": found,
        "other": other,
        "differences": told(differences(other.plain(), found.plain())) if other else [],
    }
    return page(request, "playbooks/changes.html", context)


@require(Permission.PLAYBOOK_READ)
@require_safe
def inheritance(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """The chain of playbooks that this version inherits from, and what each level changed."""
    found = find(version)
    return page(
        request,
        "playbooks/inheritance.html",
        {"version": found, "levels": [(one.version, told(one.changes)) for one in levels(found)]},
    )


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def begin_draft(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Start a draft of the next version."""
    found = find(version)
    plain = {**found.plain(), "version": next_number(found)}
    draft = PlaybookDraft.begin(plain, by=request.actor, made_from=str(found), base=found)  # type: ignore[attr-defined]
    toast(request, f"Draft {draft} is open")
    return redirect_or_refresh(request, reverse("org:playbooks:draft", kwargs={"org": org, "draft": draft.pk}))


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def inherit(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Make a playbook of your own that inherits from this one: for the organization, or for one program."""
    found = find(version)
    form = OwnForm(request.POST or None, initial={"title": found.playbook.title, "key": f"{found.playbook.key}-own"})
    if request.method == "POST" and form.is_valid():
        plain = {**found.plain(), **form.cleaned_data, "version": "1.0"}
        draft = PlaybookDraft.begin(plain, by=request.actor, made_from=str(found), base=found)  # type: ignore[attr-defined]
        return redirect_or_refresh(request, reverse("org:playbooks:draft", kwargs={"org": org, "draft": draft.pk}))
    context = {"version": found, "form": form}
    return page(request, "playbooks/inherit.html", context, status=422 if form.is_bound else 200)


def find(pk: UUID) -> PlaybookVersion:
    """Return the version; raise Http404."""
    found: PlaybookVersion | None = PlaybookVersion.objects.select_related("playbook").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _uuid(text: str) -> Any:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def to_version(org: str, version: PlaybookVersion) -> str:
    """Return the version's page."""
    return reverse("org:playbooks:version", kwargs={"org": org, "version": version.pk})
