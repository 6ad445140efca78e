"""Editing the cut-over runbook of a draft: what holds for all of it, its steps in their order, its triggers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.plain import Plain, mapping, mappings
from onboarding.playbooks.web.forms.runbook import RunbookForm, StepForm, TriggerForm
from onboarding.playbooks.web.views.drafts import find
from onboarding.playbooks.web.views.parts import edit_part
from onboarding.playbooks.web.words import triggers_told
from web.render import redirect_or_refresh, toast

MOVES = {"up": -1, "down": 1}


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def runbook(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Who decides and within which time; below, the steps and the triggers, each with its own form."""
    found = find(draft)
    standing = mapping(found.head.get("runbook"))
    form = RunbookForm(request.POST or None, head=found.head, runbook=standing)
    steps = mappings(standing.get("steps"))
    more = {
        "steps": steps,
        "triggers": triggers_told(standing),
        "titles": {str(one.get("code")): str(one.get("title")) for one in mappings(found.head.get("roles"))},
        "minutes": sum(one["minutes"] for one in steps if isinstance(one.get("minutes"), int)),
    }
    return edit_part(
        request,
        org,
        found,
        form,
        "Cut-over runbook",
        lambda: {
            "runbook": {**{name: standing[name] for name in standing if name not in form.fields}, **form.values()}
        },
        template="playbooks/runbook_form.html",
        to=request.path,
        more=more,
    )


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, org: str, draft: UUID, place: int) -> HttpResponse:
    """Change the step in that place of the order; place 0 adds one at the end."""
    found = find(draft)
    standing, steps = _listed(found, "steps", place)
    form = StepForm(request.POST or None, head=found.head, step=standing)

    def values() -> Plain:
        made = form.plain(standing, {str(one.get("key")) for one in steps})
        others = [{**one, "point_of_no_return": False} if made["point_of_no_return"] else one for one in steps]
        return _with(found, "steps", _numbered(_put(others, place, made)))

    return _inner(request, org, found, form, standing.get("title") or "New step", values, ("step", place))


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def trigger(request: HttpRequest, org: str, draft: UUID, place: int) -> HttpResponse:
    """Change the trigger in that place; place 0 adds one."""
    found = find(draft)
    standing, triggers = _listed(found, "triggers", place)
    form = TriggerForm(request.POST or None, trigger=standing)

    def values() -> Plain:
        made = form.plain(standing, {str(one.get("key")) for one in triggers})
        return _with(found, "triggers", _put(triggers, place, made))

    return _inner(request, org, found, form, standing.get("title") or "New trigger", values, ("trigger", place))


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def arrange(request: HttpRequest, org: str, draft: UUID, part: str, place: int) -> HttpResponse:
    """Move a step up or down, or take a step or a trigger out; what is left is numbered anew."""
    if part not in ("steps", "triggers"):
        raise Http404
    found, do = find(draft), request.POST.get("do", "")
    standing, listed = _listed(found, part, place)
    if not standing:
        raise Http404
    rest = [one for one in listed if one is not standing]
    if do in MOVES:
        rest.insert(min(max(place - 1 + MOVES[do], 0), len(rest)), standing)
    elif do != "remove":
        raise Http404
    seen = request.POST.get("revision", "")
    try:
        found.write_part(
            _with(found, part, _numbered(rest) if part == "steps" else rest),
            seen=int(seen) if seen.isdecimal() else None,
            by=request.actor,  # type: ignore[attr-defined]
        )
    except DraftRefused as refusal:
        toast(request, str(refusal))
    else:
        toast(request, f"{standing.get('title')} {'taken out' if do == 'remove' else 'moved'}")
    return redirect_or_refresh(request, _address(org, found))


def _inner(
    request: HttpRequest,
    org: str,
    draft: PlaybookDraft,
    form: Any,
    title: str,
    values: Callable[[], Plain],
    one: tuple[str, int],
) -> HttpResponse:
    """Answer for a part of the runbook: back to the runbook after it, and a way to take it out."""
    kind, place = one
    remove = {"org": org, "draft": draft.pk, "part": f"{kind}s", "place": place}
    more = {
        "back": ("Cut-over runbook", _address(org, draft)),
        "remove": reverse("org:playbooks:draft_arrange", kwargs=remove) if place else "",
        "remove_words": f"Take this {kind} out?",
    }
    return edit_part(request, org, draft, form, title, values, to=_address(org, draft), more=more)


def _listed(draft: PlaybookDraft, part: str, place: int) -> tuple[Plain, list[Plain]]:
    """Return what stands in the place, an empty one for place 0, and the whole list; raise Http404."""
    listed = mappings(mapping(draft.head.get("runbook")).get(part))
    if place > len(listed):
        raise Http404
    return (listed[place - 1] if place else {}), listed


def _put(listed: list[Plain], place: int, made: Plain) -> list[Plain]:
    return [*listed[: place - 1], made, *listed[place:]] if place else [*listed, made]


def _numbered(steps: list[Plain]) -> list[Plain]:
    return [{**one, "number": number} for number, one in enumerate(steps, start=1)]


def _with(draft: PlaybookDraft, part: str, listed: list[Plain]) -> Plain:
    return {"runbook": {**mapping(draft.head.get("runbook")), part: listed}}


def _address(org: str, draft: PlaybookDraft) -> str:
    return reverse("org:playbooks:draft_runbook", kwargs={"org": org, "draft": draft.pk})
