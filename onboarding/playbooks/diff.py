"""What differs between two playbooks, part by part and field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.playbooks.plain import Plain

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
PARTS = (("Role", "roles", "code"), ("Stage", "stages", "number"), ("Gate", "gates", "key"))
INNER = (
    ("Scorecard domain", "scorecard", "domains", "key"),
    ("Cut-over step", "runbook", "steps", "key"),
    ("Roll-back trigger", "runbook", "triggers", "key"),
)
ABOUT = ("title", "summary", "sources", "reminders")


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field before and after; None where it was or is not written."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A part that was added, removed or changed."""

    kind: str
    key: str
    title: str
    change: str
    fields: tuple[FieldDifference, ...] = ()
    number: int | None = None


def differences(before: Plain, after: Plain) -> list[Difference]:
    """Return every difference, the playbook's own fields first, items last in the order of their numbers."""
    found = []
    own = _fields({name: before.get(name) for name in ABOUT}, {name: after.get(name) for name in ABOUT})
    if own:
        found.append(Difference("Playbook", str(after.get("key", "")), str(after.get("title", "")), CHANGED, own))
    for kind, name, label in PARTS:
        found += _compare(kind, before.get(name) or [], after.get(name) or [], label)
    for outer in ("scorecard", "runbook"):
        one, other = (scalars(side.get(outer) or {}) for side in (before, after))
        changed = _fields(one, other)
        if changed:
            found.append(Difference(outer.capitalize(), outer, outer.capitalize(), CHANGED, changed))
        for kind, name, inner, label in INNER:
            if name == outer:
                found += _compare(
                    kind, (before.get(outer) or {}).get(inner) or [], (after.get(outer) or {}).get(inner) or [], label
                )
    items = _compare("Item", before.get("items") or [], after.get("items") or [], "key")
    return found + sorted(items, key=lambda one: one.number or 0)


def scalars(part: Mapping[str, Any]) -> Plain:
    """Return the fields that hold no list of parts."""
    return {name: value for name, value in part.items() if not isinstance(value, list)}


def _compare(kind: str, before: list[Plain], after: list[Plain], label: str) -> Iterator[Difference]:
    old = {one.get(label): one for one in before}
    new = {one.get(label): one for one in after}
    for key in [*old, *(key for key in new if key not in old)]:
        one, other = old.get(key), new.get(key)
        part = other or one or {}
        named: dict[str, Any] = {
            "kind": kind,
            "key": str(key),
            "title": str(part.get("title") or key),
            "number": part.get("number"),
        }
        if one is None:
            yield Difference(**named, change=ADDED, fields=_fields({}, part))
        elif other is None:
            yield Difference(**named, change=REMOVED)
        else:
            fields = _fields(one, other)
            if fields:
                yield Difference(**named, change=CHANGED, fields=fields)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldDifference, ...]:
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        FieldDifference(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )
