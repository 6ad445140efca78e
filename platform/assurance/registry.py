"""The closed list of checks. Each app declares its own in `assurance.py`; an audit's definition names one of them.

    check("gate_integrity", "Gate integrity", must_hold="Each gate that was passed would still pass.", ...)

A check names its population (ids only, so that a sample can be drawn from any number of them) and looks at some of it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actor import Actor


class UnknownCheck(LookupError):
    """A definition names a check that no app declares."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What one run looks at: where, over which time, and, where the check is composed, by which criteria."""

    slug: str
    """The organization's place in addresses."""
    since: datetime
    until: datetime
    sites: frozenset[UUID] = frozenset()
    """Empty: all sites."""
    criteria: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was looked at, as the record keeps it."""

    title: str
    holds: bool | None
    """None: not known, or somebody has to decide."""
    says: str
    detail: str = ""
    path: str = ""
    """Where it is looked at in the product."""


Population = Callable[[Extent], Collection[UUID]]
Look = Callable[[Collection[UUID], Extent], Mapping[UUID, Seen]]
Sound = Callable[[Mapping[str, Any]], None]
"""Raises MalformedCriterion for criteria of a definition that this check cannot read."""
Papers = Callable[[], list[tuple[str, str]]]
"""What papers can be asked for: the key and the words of each."""
Apply = Callable[[UUID, str, str, Actor], None]
"""Carries out a decision on one subject: (subject, decision, reason, by)."""


@dataclass(frozen=True, slots=True)
class Check:
    """What can be audited: what must hold, over which facts and papers, and how it is looked at."""

    name: str
    title: str
    must_hold: str
    reads: tuple[str, ...]
    """The facts and papers it is over, in words."""
    subject_type: str
    population: Population
    look: Look
    rhythm: str = "quarterly"
    sample: int | None = None
    decide: Apply | None = None
    """Where a person decides on each subject instead of a rule: what carries a decision out."""
    composed: bool = False
    """Whether the definition brings criteria of its own."""
    sound: Sound | None = None
    papers: Papers | None = None
    """Of a composed check that reads papers as well."""
    names: Callable[[], Mapping[str, str]] = dict
    """Of a composed check: the words for what its criteria name and no kind of fact declares."""


_checks: dict[str, Check] = {}


def check(name: str, title: str, **details: Any) -> Check:
    """Declare a check; raise ValueError if the name is taken."""
    if name in _checks:
        raise ValueError(f"The check {name} is declared twice.")
    _checks[name] = Check(name, title, **details)
    return _checks[name]


def find(name: str) -> Check:
    """Return the check of that name; raise UnknownCheck."""
    try:
        return _checks[name]
    except KeyError:
        raise UnknownCheck(f"No app declares the check {name}.") from None


def every() -> list[Check]:
    """Return all checks by title."""
    return sorted(_checks.values(), key=lambda one: one.title)
