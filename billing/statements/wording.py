"""The rule and the fact of a line, in words: on the page and on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing.statements import rules
from web.formats import day

Document = Mapping[str, Any]


def rule_words(snapshot: Document) -> dict[str, str]:
    """Return the rule of a line, and the paper it stands on."""
    paper = f"Contract {snapshot['contract']['reference']}"
    if snapshot["kind"] == rules.MILESTONE:
        rule = snapshot["rule"]
        return {"rule": f"{rules.percent(rule['percent'])} when: {rule['title']}", "rule_note": paper}
    if snapshot["kind"] == rules.REVERSAL:
        return {"rule": "A rollback takes the go-live payment back", "rule_note": paper}
    return {"rule": "Correction, never an edit", "rule_note": snapshot["reason"]}


def fact_words(snapshot: Document) -> str:
    """Return the fact of a line, or the line that it corrects."""
    if "fact" in snapshot:
        return f"{snapshot['fact']['what']}, {day(datetime.fromisoformat(snapshot['fact']['at']))}"
    of = snapshot["of"]
    return f"Line {of['number']} of {of['statement']}"
