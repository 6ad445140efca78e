"""Bring a playbook of one's own onto a newer version of what it came from: a pure function of three documents.

`base` is the version it came from, `ours` the playbook as it stands, `theirs` the newer version; all in the file format.
They are compared part by part (role, stage, gate, scorecard domain, step, trigger, item) and field by field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.playbooks.diff import ABOUT, INNER, PARTS, scalars
from onboarding.playbooks.merge import Fields, merge_fields
from onboarding.playbooks.plain import Plain

OURS, THEIRS = "ours", "theirs"
WHOLE = ""
"""In place of a field: whether the part itself is there."""
PLAYBOOK, ITEM = "Playbook", "Item"
LISTS = (*PARTS, (ITEM, "items", "key"))
Name = tuple[str, str]
"""A part: its kind and its key."""
Parts = dict[Name, Plain]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both sides changed; or a part (field `WHOLE`) that one side changed and the other took out."""

    part: Name
    field: str
    base: Any
    ours: Any
    theirs: Any
    """None for a part that its side took out."""

    @property
    def kind(self) -> str:
        """Of what sort the part is."""
        return self.part[0]

    @property
    def key(self) -> str:
        """The key of the part."""
        return self.part[1]

    @property
    def name(self) -> str:
        """What a decision refers to."""
        return "|".join((*self.part, self.field))


@dataclass(frozen=True, slots=True)
class Rebase:
    """What the newer version brings by itself, and what has to be decided."""

    ours: Plain
    theirs: Plain
    changes: tuple[tuple[Name, str, Any], ...]
    conflicts: tuple[Conflict, ...]

    def resolved(self, decisions: Mapping[str, str]) -> Plain:
        """Return our playbook with the newer version brought in; what is not decided stays ours."""
        parts = _parts(self.ours)
        decided = [
            (one.part, one.field, one.theirs) for one in self.conflicts if decisions.get(one.name, OURS) == THEIRS
        ]
        for part, field, value in (*self.changes, *decided):
            if field != WHOLE:
                parts[part] = {**parts[part], field: value}
            elif value is None:
                del parts[part]
            else:
                parts[part] = value
        return _written(parts, self.ours, self.theirs)


def rebase(base: Plain, ours: Plain, theirs: Plain) -> Rebase:
    """Compare the three. An item's number is nobody's to change: it stays as it is in ours."""
    before, here, there = _parts(base), _parts(ours), _parts(theirs)
    changes: list[tuple[Name, str, Any]] = []
    conflicts: list[Conflict] = []
    for part in {**here, **there}:
        stood, mine, new = before.get(part), here.get(part), there.get(part)
        if mine is None and stood is None:
            changes.append((part, WHOLE, new))
        elif mine is None or new is None:
            if stood is not None and not _same(part, stood, mine or new or {}):
                conflicts.append(Conflict(part, WHOLE, stood, mine, new))
            elif stood is not None and new is None:
                changes.append((part, WHOLE, None))
        else:
            names = dict.fromkeys((*mine, *new))
            merged = merge_fields(
                _padded(stood, names, part), _padded(mine, names, part) or {}, _padded(new, names, part) or {}
            )
            changes += [(part, field, value) for field, value in merged.taken.items()]
            conflicts += [Conflict(part, one.field, one.base, one.ours, one.theirs) for one in merged.conflicts]
    return Rebase(ours, theirs, tuple(changes), tuple(conflicts))


def _parts(plain: Plain) -> Parts:
    found: Parts = {(PLAYBOOK, ""): {name: plain.get(name) for name in ABOUT}}
    for kind, name, label in LISTS:
        found |= {(kind, str(one.get(label))): one for one in plain.get(name) or []}
    for outer in ("scorecard", "runbook"):
        found[(outer.capitalize(), "")] = scalars(plain.get(outer) or {})
    for kind, outer, inner, label in INNER:
        found |= {(kind, str(one.get(label))): one for one in (plain.get(outer) or {}).get(inner) or []}
    return found


def _padded(part: Fields | None, names: Iterable[str], name: Name) -> Fields | None:
    """Write what is left out as None, so that leaving out is a change like any other."""
    if part is None:
        return None
    return {field: part.get(field) for field in names if not (field == "number" and name[0] == ITEM)}


def _same(name: Name, one: Plain, other: Plain) -> bool:
    names = {*one, *other}
    return _padded(one, names, name) == _padded(other, names, name)


def _written(parts: Parts, ours: Plain, theirs: Plain) -> Plain:
    plain = {**ours, **_stripped(parts[(PLAYBOOK, "")])}
    for kind, name, label in LISTS:
        plain[name] = _listed(parts, kind, label, ours.get(name) or [], theirs.get(name) or [])
    plain["items"] = _numbered(plain["items"], ours)
    for outer in ("scorecard", "runbook"):
        plain[outer] = {**(ours.get(outer) or {}), **parts[(outer.capitalize(), "")]}
    for kind, outer, inner, label in INNER:
        mine, new = ((side.get(outer) or {}).get(inner) or [] for side in (ours, theirs))
        plain[outer][inner] = _listed(parts, kind, label, mine, new)
    for outer in ("scorecard", "runbook"):
        plain[outer] = _stripped(plain[outer])
    return plain


def _listed(parts: Parts, kind: str, label: str, ours: list[Plain], theirs: list[Plain]) -> list[Plain]:
    """Return the parts of a kind in our order, each new one behind what it follows in the newer version."""
    key: Callable[[Plain], Name] = lambda one: (kind, str(one.get(label)))  # noqa: E731 - a name for two lines
    order = [key(one) for one in ours]
    before: Name | None = None
    for one in map(key, theirs):
        if one not in order:
            order.insert(order.index(before) + 1 if before in order else len(order), one)
        before = one
    return [_stripped(parts[name]) for name in order if name in parts]


def _numbered(items: list[Plain], ours: Plain) -> list[Plain]:
    """Give a new item whose number one of ours has the next free one."""
    mine = {one.get("key"): one.get("number") for one in ours.get("items") or []}
    taken = {number for number in mine.values() if number is not None}
    highest = max((one.get("number") or 0 for one in items), default=0)
    found = []
    for one in items:
        if one.get("key") not in mine:
            if one.get("number") in taken:
                highest += 1
                one = {**one, "number": highest}
            taken.add(one.get("number"))
        found.append(one)
    return found


def _stripped(part: Plain) -> Plain:
    return {name: value for name, value in part.items() if value is not None}
