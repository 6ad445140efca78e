"""The rules by which reminders are planned: the organization's, a playbook's, and which of the two holds.

A rule of the playbook's version holds for its deployments, unless the organization says that its own holds everywhere.
Delivery (digest hour, quiet hours, channels) is the organization's and the person's alone: a person has one digest a day,
whatever the number of playbooks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FARTHEST = 60
"""Working days from the due date."""
LADDER = (-14, -7, -3, 0, 1, 3, 7)
EXPIRY = (90, 60, 30)
"""Calendar days before the last day on which something holds."""
FARTHEST_EXPIRY = 365
LONGEST_SLA = 60

RULES = ("ladder", "expiry", "manager_after", "sponsor_after", "sla")
"""What a playbook may say."""
TITLES = {
    "ladder": "Steps",
    "expiry": "Days before something expires",
    "manager_after": "The implementation manager hears after",
    "sponsor_after": "The sponsor hears after",
    "sla": "Answers are due within",
}
DEFAULTS, ORGANIZATION, PLAYBOOK = "Causeway", "the organization", "the playbook"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one piece of work."""

    ladder: tuple[int, ...]
    expiry: tuple[int, ...]
    manager_after: int
    sponsor_after: int
    sla: Mapping[str, int]
    """Working days from the question to the answer, by kind; a kind that is missing keeps its own."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """One rule as it holds, and who said so."""

    name: str
    value: Any
    source: str
    overruled: Any = None
    """What the playbook says although the organization's holds."""

    @property
    def title(self) -> str:
        """The rule's name on screen."""
        return TITLES[self.name]


def inherited(own: Mapping[str, Any], said: bool, binding: Sequence[str], terms: Mapping[str, Any]) -> list[Inherited]:
    """Return each rule that holds: the organization's (`own`, `said` where it ever chose) or the playbook's (`terms`)."""
    found = []
    for name in RULES:
        mine, theirs = own[name], terms.get(name)
        source = ORGANIZATION if said else DEFAULTS
        if name == "sla":
            mine, theirs = dict(mine), dict(theirs or {})
            merged = {**theirs, **mine} if name in binding else {**mine, **theirs}
            used = PLAYBOOK if theirs and name not in binding else source
            found.append(Inherited(name, merged, used, theirs if theirs and name in binding else None))
        elif theirs is None:
            found.append(Inherited(name, mine, source))
        elif name in binding:
            found.append(Inherited(name, mine, source, theirs))
        else:
            found.append(Inherited(name, theirs, PLAYBOOK))
    return found


def holding(rules: Sequence[Inherited]) -> Rules:
    """Return the rules that hold. A sponsor never hears before the manager, whoever said which of the two."""
    by_name = {one.name: one.value for one in rules}
    return Rules(
        ladder=tuple(by_name["ladder"]),
        expiry=tuple(by_name["expiry"]),
        manager_after=by_name["manager_after"],
        sponsor_after=max(by_name["manager_after"], by_name["sponsor_after"]),
        sla=by_name["sla"],
    )


def mistakes(terms: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with rules that were written down, by name; nothing where they are sound."""
    found = {name: "is no rule of reminders" for name in terms if name not in RULES}
    for name, farthest, least in (("ladder", FARTHEST, -FARTHEST), ("expiry", FARTHEST_EXPIRY, 1)):
        if name in terms and not _numbers(terms[name], least, farthest):
            found[name] = f"needs at least one whole number from {least} to {farthest}"
    for name in ("manager_after", "sponsor_after"):
        if name in terms and not _number(terms[name], 1, FARTHEST):
            found[name] = f"is a whole number from 1 to {FARTHEST}"
    sla = terms.get("sla", {})
    if not isinstance(sla, Mapping) or not all(_number(days, 1, LONGEST_SLA) for days in sla.values()):
        found["sla"] = f"names kinds, each with a whole number of working days from 1 to {LONGEST_SLA}"
    manager, sponsor = terms.get("manager_after"), terms.get("sponsor_after")
    if not found and manager is not None and sponsor is not None and sponsor < manager:
        found["sponsor_after"] = "comes before the manager: the sponsor hears after the manager"
    return found


def _numbers(value: Any, least: int, most: int) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_number(one, least, most) for one in value)


def _number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
