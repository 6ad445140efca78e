"""Bringing a playbook of one's own onto a newer version of what it came from: decided on one page, kept as a draft."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from onboarding.playbooks.actions.bring_onto import Undecided, bring_onto, comparison
from onboarding.playbooks.diff import differences
from onboarding.playbooks.inheritance import newer, upstream
from onboarding.playbooks.models import PlaybookVersion
from onboarding.playbooks.rebase import ITEM, OURS, THEIRS, WHOLE, Conflict, Rebase
from onboarding.playbooks.web.views.drafts import address
from onboarding.playbooks.web.views.playbooks import find
from onboarding.playbooks.web.words import field_words, told, value_words
from web.render import page, redirect_or_refresh, toast

UNDECIDED = "Choose for each of these whether ours stays: nothing is decided unseen."


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def up_to_date(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """What the newer version brings and what has to be decided; the decisions make a draft."""
    found = find(version)
    below, choices = upstream(found), newer(found)
    asked = request.POST if request.method == "POST" else request.GET
    onto = _chosen(choices, asked.get("onto", ""))
    if below is None:
        raise Http404
    context: dict[str, Any] = {"version": found, "below": below, "choices": choices, "onto": onto, "refused": ""}
    context["choice_list"] = [(str(one.pk), str(one)) for one in choices]
    if onto is None:
        return page(request, "playbooks/rebase.html", context)
    merged = comparison(found, onto)
    decided = {one.name: request.POST.get(f"d:{one.name}", "") for one in merged.conflicts}
    if request.method == "POST":
        try:
            draft = bring_onto(found, onto, decided, by=request.actor)  # type: ignore[attr-defined]
        except Undecided:
            context["refused"] = UNDECIDED
        else:
            toast(request, f"Draft {draft} is open")
            return redirect_or_refresh(request, address(org, draft))
    context |= _shown(merged, decided)
    return page(request, "playbooks/rebase.html", context, status=422 if context["refused"] else 200)


def _chosen(choices: list[PlaybookVersion], asked: str) -> PlaybookVersion | None:
    """Return the version asked for, else the newest; raise Http404 for one that it cannot be brought onto."""
    if not asked:
        return choices[0] if choices else None
    found = next((one for one in choices if str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _shown(merged: Rebase, decided: dict[str, str]) -> dict[str, Any]:
    result = merged.resolved({})
    return {
        "conflicts": [_conflict(one, merged, decided.get(one.name) or OURS) for one in merged.conflicts],
        "brought": told(differences(merged.ours, result)),
        "kept": told(differences(merged.theirs, result)),
    }


def _conflict(one: Conflict, merged: Rebase, choice: str) -> dict[str, Any]:
    number, title = _title(one, merged)
    whole = one.field == WHOLE
    return {
        "name": f"d:{one.name}",
        "title": f"#{number} {title}" if one.kind == ITEM else f"{one.kind} {title}",
        "field": "" if whole else field_words(one.field),
        "says": ("We took it out" if one.ours is None else "The newer version took it out") if whole else "",
        "base": "" if whole else value_words(one.field, one.base),
        "ours": "" if whole else value_words(one.field, one.ours),
        "theirs": "" if whole else value_words(one.field, one.theirs),
        "choices": _choices(one),
        "choice": choice,
    }


def _title(one: Conflict, merged: Rebase) -> tuple[Any, str]:
    kind, key = one.part
    if one.field == WHOLE:
        part = one.ours or one.theirs or {}
    elif kind == ITEM:
        part = next(row for row in merged.ours["items"] if row["key"] == key)
    else:
        part = next(
            (row for name in ("roles", "stages", "gates") for row in merged.ours[name] if _is(row, kind, key)), {}
        )
    return part.get("number"), str(part.get("title") or key).strip()


def _is(row: dict[str, Any], kind: str, key: str) -> bool:
    label = {"Role": "code", "Stage": "number", "Gate": "key"}.get(kind, "")
    return str(row.get(label)) == key


def _choices(one: Conflict) -> list[tuple[str, str]]:
    if one.field != WHOLE:
        return [(OURS, "Keep ours"), (THEIRS, "Take the newer version’s")]
    if one.ours is None:
        return [(OURS, "Leave it out"), (THEIRS, "Take it back in")]
    return [(OURS, "Keep it"), (THEIRS, "Take it out")]
