"""Where each thing that keeps a draft from being published is corrected: the problem's subject leads to a form."""

import re
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.plain import Plain, mapping, mappings
from onboarding.playbooks.reading import Problem

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
"""What an address of an item can hold; a file may bring other keys, which the check tells."""
SUBJECT = re.compile(r"(?:runbook: )?(?P<kind>\w+)(?: '(?P<label>.*?)')?(?::.*)?")
HEAD = ("title", "version", "summary", "sources")


def corrections(org: str, draft: PlaybookDraft, plain: Plain, problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Return each problem in words with the page of the draft where it is corrected; "" where there is none."""
    ids = {"org": org, "draft": draft.pk}
    found = []
    for problem in problems:
        where = _place(problem, plain)
        to = reverse(f"org:{where[0]}", kwargs={**ids, **where[1]}) if where else ""
        found.append({"text": str(problem), "to": to, "field": problem.field, "message": problem.message})
    return found


def _place(problem: Problem, plain: Plain) -> tuple[str, dict[str, Any]] | None:
    """Return the name of the page and what else its address holds."""
    match = SUBJECT.fullmatch(problem.subject)
    kind, label = (match["kind"], match["label"] or "") if match else ("", "")
    runbook = mapping(plain.get("runbook"))
    if kind == "item" and SLUG.fullmatch(label):
        return "playbooks:draft_item", {"key": label}
    if kind in ("scorecard", "runbook"):
        return f"playbooks:draft_{kind}", {}
    if kind in ("step", "trigger"):
        place = _index(mappings(runbook.get(f"{kind}s")), "key", label)
        if place is not None:
            return f"playbooks:draft_{kind}", {"place": place + 1}
        return "playbooks:draft_runbook", {}
    if kind == "gate" and problem.field.startswith("criteria") and SLUG.fullmatch(label):
        return "golive:build_gate", {"gate": label}
    if kind in ("stage", "gate"):
        stages = mappings(plain.get("stages"))
        place = _index(stages, "key" if kind == "stage" else "gate", label)
        number = stages[place].get("number") if place is not None else None
        if isinstance(number, int) and number >= 0:
            return "playbooks:draft_stage", {"number": number}
    if kind == "role" and SLUG.fullmatch(label):
        return "playbooks:draft_role", {"code": label}
    if not problem.subject:
        if problem.field in HEAD:
            return "playbooks:draft_about", {}
        if problem.field.startswith("reminders"):
            return "playbooks:draft_reminders", {}
    return None


def _index(parts: list[Plain], name: str, label: str) -> int | None:
    return next((number for number, one in enumerate(parts) if str(one.get(name)) == label), None)
