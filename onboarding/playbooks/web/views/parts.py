"""Editing a draft: an item, a stage with its gate, a role, the head, the scorecard, reminders; and what is quicker written as YAML."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import yaml
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from notices.web.forms import RulesForm
from onboarding.playbooks.models import DraftItem, PlaybookDraft, PlaybookItem
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.plain import Plain
from onboarding.playbooks.web.correcting import corrections
from onboarding.playbooks.web.forms.item import ItemForm
from onboarding.playbooks.web.forms.parts import AboutForm, RoleForm, StageForm, TextForm
from onboarding.playbooks.web.forms.scorecard import ScorecardForm
from onboarding.playbooks.web.views.drafts import address, find, frame
from web.render import page, redirect_or_refresh, toast

TEXTS = {"scorecard": "Scorecard", "runbook": "Cut-over runbook"}


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def new_item(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Add an item; the stage may be in the address."""
    found = find(draft)
    plain = found.plain()
    stage = request.GET.get("stage", "")
    item: Plain = {"stage": int(stage)} if stage.isdecimal() else {}
    form = ItemForm(request.POST or None, plain=plain, item=item)
    if request.method == "POST" and form.is_valid():
        data = form.plain(_next_number(found, plain))
        if _write(form, lambda: found.write_item(data, by=request.actor)):  # type: ignore[attr-defined]
            toast(request, f"#{data['number']} {data['title']} added")
            return redirect_or_refresh(request, _item_address(org, found, data["key"]))
    context = {**frame(request, found), "form": form, "item": None, "problems": [], "revision": 0}
    return page(request, "playbooks/item_form.html", context, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, org: str, draft: UUID, key: str) -> HttpResponse:
    """Change an item."""
    found = find(draft)
    row = DraftItem.objects.filter(draft=found, key=key).first()
    if row is None:
        raise Http404
    plain = found.plain()
    fixed = bool(found.base_id) and PlaybookItem.objects.filter(version_id=found.base_id, key=key).exists()
    form = ItemForm(request.POST or None, plain=plain, item=row.data, key_fixed=fixed)
    if request.method == "POST" and form.is_valid():
        data = form.plain(row.number)
        seen = request.POST.get("revision", "")
        save = lambda: found.write_item(  # noqa: E731
            data,
            key=key,
            seen=int(seen) if seen.isdecimal() else None,
            by=request.actor,  # type: ignore[attr-defined]
        )
        if _write(form, save):
            toast(request, f"#{row.number} {data['title']} saved")
            return redirect_or_refresh(request, f"{address(org, found)}#{data['key']}")
    problems = [one for one in corrections(org, found, plain, found.problems(plain)) if one["to"] == request.path]
    context = {**frame(request, found), "form": form, "item": row, "problems": problems, "revision": row.revision}
    return page(request, "playbooks/item_form.html", context, status=422 if form.is_bound else 200)


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def remove_item(request: HttpRequest, org: str, draft: UUID, key: str) -> HttpResponse:
    """Take an item out."""
    found = find(draft)
    try:
        found.remove_item(key, by=request.actor)  # type: ignore[attr-defined]
    except DraftRefused as refusal:
        toast(request, str(refusal))
    return redirect_or_refresh(request, address(org, found))


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Title, version, summary and sources."""
    found = find(draft)
    form = AboutForm(request.POST or None, head=found.head)
    return edit_part(request, org, found, form, "About the playbook", lambda: form.values())


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, org: str, draft: UUID, code: str) -> HttpResponse:
    """Change an owner role; "new" adds one."""
    found = find(draft)
    roles = list(found.head.get("roles") or [])
    standing = next((one for one in roles if one.get("code") == code), None)
    if standing is None and code != "new":
        raise Http404
    form = RoleForm(request.POST or None, initial=standing)

    def values() -> Plain:
        made = dict(form.cleaned_data)
        return {"roles": [made if one is standing else one for one in roles] + ([] if standing else [made])}

    return edit_part(request, org, found, form, standing["title"] if standing else "New role", values)


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: HttpRequest, org: str, draft: UUID, number: int) -> HttpResponse:
    """Change a stage and its gate; the next free number adds one."""
    found = find(draft)
    stages, gates = list(found.head.get("stages") or []), list(found.head.get("gates") or [])
    standing = next((one for one in stages if one.get("number") == number), None)
    if standing is None and number != 1 + max((one["number"] for one in stages), default=-1):
        raise Http404
    gate: Plain = next((one for one in gates if standing and one.get("key") == standing.get("gate")), {})
    form = StageForm(request.POST or None, head=found.head, stage=standing or {"number": number}, gate=gate)

    def values() -> Plain:
        made, closing = form.parts(standing or {"number": number}, gate)
        return {
            "stages": [made if one is standing else one for one in stages] + ([] if standing else [made]),
            "gates": [closing if one is gate else one for one in gates] + ([] if gate else [closing]),
        }

    return edit_part(request, org, found, form, f"Stage {number} {(standing or {}).get('title', '')}".strip(), values)


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Thresholds, weighted domains, and which items each asks about."""
    found = find(draft)
    form = ScorecardForm(request.POST or None, plain=found.plain())

    def write(**named: Any) -> None:
        found.write_scorecard(form.scorecard(), form.domain_of(), **named)

    return edit_part(
        request,
        org,
        found,
        form,
        "Scorecard",
        form.scorecard,
        template="playbooks/scorecard_form.html",
        to=request.path,
        write=write,
    )


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, org: str, draft: UUID, part: str) -> HttpResponse:
    """The scorecard or the runbook as YAML, for who would rather write it."""
    if part not in TEXTS:
        raise Http404
    found = find(draft)
    written = yaml.safe_dump(found.head.get(part) or {}, sort_keys=False, allow_unicode=True, width=110)
    form = TextForm(request.POST or None, initial={"text": written})
    return edit_part(request, org, found, form, TEXTS[part], lambda: {part: form.cleaned_data["text"]})


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """The rules of reminders that travel with the version."""
    found = find(draft)
    form = RulesForm(found.head.get("reminders") or {}, request.POST or None)
    return edit_part(request, org, found, form, "Reminders", lambda: {"reminders": form.terms()})


def edit_part(
    request: HttpRequest,
    org: str,
    found: PlaybookDraft,
    form: Any,
    title: str,
    values: Callable[[], Plain],
    *,
    template: str = "playbooks/part_form.html",
    to: str = "",
    more: Plain | None = None,
    write: Callable[..., Any] | None = None,
) -> HttpResponse:
    """Show the form of a part, or write what it holds and go `to`, else to the draft; `more`: for the template.

    `write`: the verb, where it is not `write_part` with the values.
    """
    sent = request.POST.get("revision", "")
    seen = int(sent) if sent.isdecimal() else None
    if request.method == "POST" and form.is_valid():
        save = write or (lambda **named: found.write_part(values(), **named))
        if _write(form, lambda: save(seen=seen, by=request.actor)):  # type: ignore[attr-defined]
            toast(request, f"{title} saved")
            return redirect_or_refresh(request, to or address(org, found))
    revision = found.revision if seen is None else seen
    plain = found.plain()
    here = [one for one in corrections(org, found, plain, found.problems(plain)) if one["to"] == request.path]
    context = {
        **frame(request, found),
        "form": form,
        "title": title,
        "revision": revision,
        "problems": here,
        **(more or {}),
    }
    return page(request, template, context, status=422 if form.is_bound else 200)


def _write(form: Any, save: Callable[[], Any]) -> bool:
    try:
        save()
    except DraftRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _next_number(draft: PlaybookDraft, plain: Plain) -> int:
    """The next number that neither the draft nor the version it started from has: numbers are never used twice."""
    taken = [one["number"] for one in plain["items"]]
    if draft.base_id:
        taken += PlaybookItem.objects.filter(version_id=draft.base_id).values_list("number", flat=True)
    return max(taken, default=0) + 1


def _item_address(org: str, draft: PlaybookDraft, key: str) -> str:
    return reverse("org:playbooks:draft_item", kwargs={"org": org, "draft": draft.pk, "key": key})
