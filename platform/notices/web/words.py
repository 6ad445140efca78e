"""How rules read on a page."""

from collections.abc import Mapping
from typing import Any

from notices import kinds
from notices.rules import RULES, TITLES
from web.formats import plural


def rule_words(name: str, value: Any) -> str:
    """Return a rule's value as a person reads it: "−7, 0, +3", "3 working days"."""
    if name == "ladder":
        return ", ".join(f"{step:+d}" if step else "0" for step in value).replace("-", "−") + " working days"
    if name == "expiry":
        return ", ".join(str(days) for days in value) + " days"
    if name == "sla":
        return "; ".join(f"{_title(kind)}: {plural(days, 'working day')}" for kind, days in sorted(value.items())) or (
            "As each kind says"
        )
    return plural(value, "working day")


def said(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rules that a playbook says, each with its title, in the order of the policy's page."""
    return [(TITLES[name], rule_words(name, terms[name])) for name in RULES if terms.get(name)]


def _title(kind: str) -> str:
    try:
        return kinds.find(kind).title
    except kinds.UnknownKind:
        return kind
