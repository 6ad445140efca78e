"""What a newer playbook version does to a checklist that people work on: a pure function of three parts.

`base` is what the version in force wants at this site, `theirs` what the newer one wants, `ours` the checklist as it
stands. Nothing is ever removed: an item that left the playbook is retired and keeps its state, its evidence and its
remarks; what was adapted here stays unless somebody decides otherwise; what was added here stays.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from onboarding.playbooks.merge import Fields, merge_fields
from onboarding.playbooks.order import find_cycle

TODO, ACCEPTED, WAIVED, NOT_APPLICABLE, RETIRED = "todo", "accepted", "waived", "not_applicable", "retired"
DONE = (ACCEPTED, WAIVED)
OPEN = (TODO, "in_progress", "in_review", "blocked")
FOLLOW_PLAYBOOK = ("number", "stage", "completed_by_gate", "offset_days", "origin")
"""What identifies an item or places it: no site changes it, so the newer version's always counts."""
ITEM = "item"
"""In place of a field: whether the item itself stays or goes."""
OURS, THEIRS = "ours", "theirs"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item as a playbook version wants it at this site."""

    fields: Fields
    needed: bool = True
    """False where its condition does not hold here."""
    note: str = ""
    """Why it is not needed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as it stands on the checklist."""

    fields: Fields
    state: str = TODO
    left_out: bool = False
    """Not needed because the playbook's condition said so, not because a person did."""
    retired_from: str = ""
    """The state it had when the playbook dropped it."""
    note: str = ""
    worked_on: bool = False
    """Somebody has started it, or put evidence or a remark on it."""
    copied_from: Fields | None = None
    """The fields of the playbook item it was copied from; None for an item of the site's own."""
    record: Fields = field(default_factory=dict)
    """What no upgrade touches: who finished it and when, who has it, until when it is waived."""


Checklist = Mapping[str, Standing]
OWN = ("state", "left_out", "retired_from", "note")
"""What a change may set besides the fields."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one item goes from one value to another; or (`added`) an item comes in."""

    key: str
    field: str = ""
    before: Any = None
    after: Any = None
    added: Standing | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The site and the playbook both changed it: somebody decides. Undecided, the site's own stays."""

    key: str
    field: str
    base: Any
    ours: Any
    theirs: Any

    @property
    def name(self) -> tuple[str, str]:
        """What a decision refers to."""
        return self.key, self.field


@dataclass(frozen=True, slots=True)
class Merge:
    """What happens by itself, what has to be decided, and what was held back with the reason."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    kept: tuple[tuple[str, str], ...] = ()
    """(item, why) where the newer version would have left out an item that people work on."""


class Overtaken(Exception):
    """An upgrade cannot be undone: work has been done since on what it brought. `keys` names the items."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(f"Changed since the upgrade: {', '.join(keys)}.")


def merge(base: Mapping[str, Wanted], ours: Checklist, theirs: Mapping[str, Wanted]) -> Merge:
    """Compare the three, item by item and field by field."""
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    kept: list[tuple[str, str]] = []
    for key in sorted({*ours, *theirs}):
        standing, wanted = ours.get(key), theirs.get(key)
        if standing is None and wanted is not None:
            if key not in base:
                changes.append(Change(key, added=_new(wanted)))
        elif standing is not None and wanted is None:
            _gone(key, base.get(key), standing, changes, conflicts)
        elif standing is not None and wanted is not None:
            _stays(key, base.get(key), standing, wanted, changes, conflicts)
            before = base.get(key)
            if not wanted.needed and (before is None or before.needed) and not _can_leave_out(standing, before):
                kept.append((key, wanted.note))
    return Merge(tuple(changes), tuple(conflicts), tuple(kept))


def resolve(merged: Merge, ours: Checklist, decisions: Mapping[tuple[str, str], str]) -> tuple[Change, ...]:
    """Return the changes with the conflicts decided, and without those that would send dependencies round in a circle."""
    changes = list(merged.changes)
    for conflict in merged.conflicts:
        if decisions.get(conflict.name) == THEIRS:
            if conflict.field == ITEM:
                changes.extend(_retire(conflict.key, ours[conflict.key]))
            else:
                changes.append(Change(conflict.key, conflict.field, conflict.ours, conflict.theirs))
                if conflict.field == "due" and ours[conflict.key].fields.get("due_fixed"):
                    changes.append(Change(conflict.key, "due_fixed", True, False))
    return _without_circles(changes, ours)


def apply(ours: Checklist, changes: Iterable[Change]) -> dict[str, Standing]:
    """Return the checklist after the changes."""
    after = dict(ours)
    for change in changes:
        after[change.key] = change.added or _set(after[change.key], change.field, change.after)
    return after


def revert(ours: Checklist, changes: Iterable[Change]) -> dict[str, Standing]:
    """Return the checklist without the changes; raise Overtaken where one of them has been built upon."""
    before, overtaken = dict(ours), set()
    for change in reversed(list(changes)):
        standing = before.get(change.key)
        if change.added:
            if standing is None or not _untouched(standing, change.added):
                overtaken.add(change.key)
            else:
                del before[change.key]
        elif standing is None or value_of(standing, change.field) != change.after:
            overtaken.add(change.key)
        elif change.field == "due" and ours[change.key].fields.get("due_fixed"):
            overtaken.add(change.key)  # set by hand since, to the very day of the upgrade
        else:
            before[change.key] = _set(standing, change.field, change.before)
    if overtaken:
        raise Overtaken(sorted(overtaken))
    return before


def fingerprint(checklist: Checklist, **besides: Any) -> str:
    """Return the SHA-256 of everything that stands on the checklist."""
    data = {
        key: {
            "fields": dict(one.fields),
            "record": dict(one.record),
            **{name: getattr(one, name) for name in OWN},
        }
        for key, one in checklist.items()
    }
    text = json.dumps({"items": data, **besides}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def value_of(standing: Standing, name: str) -> Any:
    """Return a field, or one of the item's own values (state and the like)."""
    return getattr(standing, name) if name in OWN else standing.fields.get(name)


def adapted(standing: Standing, origin: Fields | None) -> list[str]:
    """Return the fields in which the item differs from what it was copied from."""
    if origin is None:
        return []
    return [
        name for name, value in origin.items() if name not in FOLLOW_PLAYBOOK and standing.fields.get(name) != value
    ]


def _untouched(standing: Standing, added: Standing) -> bool:
    """Whether nobody has done anything with an item since it came in."""
    return (
        not standing.worked_on
        and not any(standing.record.values())
        and standing.fields == added.fields
        and all(getattr(standing, name) == getattr(added, name) for name in OWN)
    )


def _new(wanted: Wanted) -> Standing:
    return Standing(
        wanted.fields,
        state=TODO if wanted.needed else NOT_APPLICABLE,
        left_out=not wanted.needed,
        note="" if wanted.needed else wanted.note,
        copied_from=wanted.fields,
    )


def _gone(key: str, base: Wanted | None, standing: Standing, changes: list[Change], conflicts: list[Conflict]) -> None:
    """An item that the newer version does not have: of the site's own, retired, or to be decided."""
    if base is None or standing.state == RETIRED:
        return
    if standing.state in OPEN and (standing.worked_on or standing.state != TODO or adapted(standing, base.fields)):
        conflicts.append(Conflict(key, ITEM, "in the playbook", "keep it as our own", "retire it"))
    else:
        changes.extend(_retire(key, standing))


def _stays(
    key: str,
    base: Wanted | None,
    standing: Standing,
    wanted: Wanted,
    changes: list[Change],
    conflicts: list[Conflict],
) -> None:
    merged = merge_fields(
        base.fields if base else standing.copied_from, standing.fields, wanted.fields, always_theirs=FOLLOW_PLAYBOOK
    )
    finished = (standing.retired_from or standing.state) in DONE
    for name, value in merged.taken.items():
        if name == "due" and finished:
            continue  # the day on which it was wanted is part of its story
        if name == "due" and standing.fields.get("due_fixed"):
            conflicts.append(Conflict(key, name, standing.fields["due"], standing.fields["due"], value))
            continue  # set by hand to the day that the plan had anyway: it was meant
        changes.append(Change(key, name, standing.fields.get(name), value))
    conflicts.extend(
        Conflict(key, one.field, one.base, one.ours, one.theirs)
        for one in merged.conflicts
        if not (one.field == "due" and finished)
    )
    if standing.state == RETIRED:
        back = standing.retired_from or TODO
        changes.append(Change(key, "state", RETIRED, back))
        changes.append(Change(key, "retired_from", standing.retired_from, ""))
    elif not wanted.needed and (base is None or base.needed) and _can_leave_out(standing, base):
        changes.append(Change(key, "state", standing.state, NOT_APPLICABLE))
        changes.append(Change(key, "left_out", standing.left_out, True))
        changes.append(Change(key, "note", standing.note, wanted.note))
    elif wanted.needed and base and not base.needed and standing.left_out and standing.state == NOT_APPLICABLE:
        changes.append(Change(key, "state", standing.state, TODO))
        changes.append(Change(key, "left_out", True, False))
        changes.append(Change(key, "note", standing.note, ""))


def _can_leave_out(standing: Standing, base: Wanted | None) -> bool:
    """Whether nobody has worked on the item or adapted it: the newer version's condition may then take it away."""
    origin = base.fields if base else standing.copied_from
    return standing.state == TODO and not standing.worked_on and not adapted(standing, origin)


def _retire(key: str, standing: Standing) -> list[Change]:
    return [Change(key, "state", standing.state, RETIRED), Change(key, "retired_from", "", standing.state)]


def _set(standing: Standing, name: str, value: Any) -> Standing:
    if name in OWN:
        return replace(standing, **{name: value})
    return replace(standing, fields={**standing.fields, name: value})


def _without_circles(changes: list[Change], ours: Checklist) -> tuple[Change, ...]:
    """Hold back, one by one, what closes a circle; the checklist as it stood has none, so this ends."""
    while True:
        after = apply(ours, changes)
        path = find_cycle({key: list(_waits_for(one)) for key, one in after.items()})
        if path is None:
            return tuple(changes)
        changes = _hold_back(changes, set(path))


def _hold_back(changes: list[Change], circle: set[str]) -> list[Change]:
    for place, change in enumerate(changes):
        if change.key not in circle:
            continue
        if change.field == "depends_on":
            return changes[:place] + changes[place + 1 :]
        if change.added and circle & set(_waits_for(change.added)):
            open_ = [one for one in change.added.fields["depends_on"] if one["item"] not in circle]
            return [
                *changes[:place],
                replace(change, added=_set(change.added, "depends_on", open_)),
                *changes[place + 1 :],
            ]
    raise ValueError(f"The dependencies go round in a circle: {', '.join(sorted(circle))}.")


def _waits_for(standing: Standing) -> Iterator[str]:
    return (one["item"] for one in standing.fields.get("depends_on", ()))
