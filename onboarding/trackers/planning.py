"""What an import would do, row by row, without doing any of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from openpyxl.utils import get_column_letter

from onboarding.deployments.models import Deployment, Item, ItemDependency, TeamRole
from onboarding.deployments.people import host_people
from onboarding.rosters.reading import MISSING
from onboarding.trackers.matching import Known, Match, match_rows
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import LOCAL, SKIP
from onboarding.trackers.words import date_of, day_first, state_of
from web.formats import day

S = Item.State
NO_STATUS = MISSING - {"na", "n/a", "n.a."}
"""What says nothing as a status: "N/A" does, it means that the work is not needed."""
FINISHED = (S.ACCEPTED, S.WAIVED, S.NOT_APPLICABLE, S.RETIRED)
CORE_STAYS = "Not needed there, a core item here: leave it out on its own page, which asks why and who decided."
LONGEST_TITLE = 120


@dataclass(slots=True)
class Row:
    """One row of the tracker: what it says, which item it is, and what would become of that."""

    number: int
    title: str
    says: dict[str, str]
    item: Item | None = None
    match: Match | None = None
    chosen: bool = False
    """A person said what it is."""
    kind: str = ""
    """change, same, local or skip."""
    after: dict[str, Any] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What is not carried over, and why."""
    places: dict[str, str] = field(default_factory=dict)
    """By field: its cell as a spreadsheet names it, with the column's heading."""

    def remark(self, key: str, text: str) -> None:
        """Say what is wrong with a cell, and which one it is."""
        self.remarks.append(f"{self.places[key]}: {text}")


@dataclass(slots=True)
class Plan:
    """All rows, and the counts of the report."""

    rows: list[Row]

    def of(self, kind: str) -> list[Row]:
        """Rows of a kind."""
        return [row for row in self.rows if row.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows change an item, are so already, stay as local items, are left out."""
        return {kind: len(self.of(kind)) for kind in ("change", "same", "local", "skip")}


def plan(tracker: TrackerImport, items: Iterable[Item], *, may_accept: bool) -> Plan:
    """Return what the import would do to these items; six statements, however many rows."""
    known = list(items)
    deployment: Deployment = tracker.deployment
    rows = _rows(tracker)
    by_pk = {str(item.pk): item for item in known}
    _match(tracker, rows, known, by_pk)
    dates = {key: day_first([row.says.get(key, "") for row in rows]) for key in ("due", "done_on")}
    people = _people(deployment)
    for row in rows:
        if row.kind != SKIP:
            _say(row, deployment, dates, people)
    _hold_back(rows, known, may_accept)
    for row in rows:
        if row.kind == "change" and row.item is not None:
            item = row.item
            row.after = {name: value for name, value in row.after.items() if getattr(item, name) != value}
            row.kind = "change" if row.after else "same"
    return Plan(rows)


def _rows(tracker: TrackerImport) -> list[Row]:
    places = {key: tracker.columns.index(label) for key, label in tracker.mapping.items()}
    rows = []
    for number, cells in tracker.rows:
        says = {
            key: "" if cells[at].casefold() in (NO_STATUS if key == "status" else MISSING) else cells[at]
            for key, at in places.items()
        }
        title = " ".join(says.get("title", "").split())
        places_here = {
            key: f"{get_column_letter(at + 1)}{number} ({tracker.columns[at]})" for key, at in places.items()
        }
        row = Row(number, title, says, places=places_here)
        others = [value for key, value in says.items() if key not in ("title", "number") and value]
        if not title or (not others and len(tracker.mapping) > 2):
            row.kind = SKIP
            row.remarks.append("It has no task." if not title else "It is a heading: nothing but a name.")
        rows.append(row)
    return rows


def _match(tracker: TrackerImport, rows: list[Row], items: list[Item], by_pk: dict[str, Item]) -> None:
    said = {row.number: tracker.choices.get(str(row.number), "") for row in rows}
    given = {choice for choice in said.values() if choice in by_pk}
    open_rows = [row for row in rows if not said[row.number] and row.kind != SKIP]
    free = [
        Known(item.pk, item.number, item.key, item.title)
        for item in items
        if str(item.pk) not in given and item.state != S.RETIRED
    ]
    found = match_rows([(row.number, row.says.get("number", ""), row.title) for row in open_rows], free)
    for row in rows:
        choice = said[row.number]
        row.chosen = bool(choice)
        if choice == SKIP:
            row.kind, row.remarks = SKIP, ["You left it out."]
        elif choice in by_pk:
            row.kind, row.item = "change", by_pk[choice]
        elif choice == LOCAL:
            row.kind = LOCAL
        elif row.kind != SKIP:
            row.match = found.get(row.number)
            row.item = by_pk[str(row.match.item)] if row.match else None
            row.kind = "change" if row.item else LOCAL


def _people(deployment: Deployment) -> dict[str, Any]:
    """Names, addresses, role titles and codes, folded, to user ids; a role's person only where somebody holds it."""
    found: dict[str, Any] = {}
    for role in TeamRole.objects.filter(deployment=deployment).select_related("person"):
        if role.person:
            found |= {
                name.casefold(): role.person for name in (role.title, role.code, role.person.name, role.person.email)
            }
    for one in host_people(deployment.pk):
        found.setdefault(one.name.casefold(), one)
    return found


def _say(row: Row, deployment: Deployment, dates: dict[str, bool], people: dict[str, Any]) -> None:
    says, near, today = row.says, deployment.go_live_on, timezone.localdate()
    if word := says.get("status"):
        state = state_of(word)
        if state is None:
            row.remark("status", f"the status “{word[:40]}” means nothing here; the state stays.")
        else:
            row.after["state"] = state
    done = date_of(says["done_on"], first_day=dates["done_on"], near=near) if says.get("done_on") else None
    if says.get("done_on") and done is None:
        row.remark("done_on", f"“{says['done_on'][:30]}” is no date; today stands for the day it was done.")
    if done and done > today:
        row.remark("done_on", f"the date done, {day(done)}, lies ahead; it is not taken.")
        done = None
    if done and "state" not in row.after:
        row.after["state"] = S.ACCEPTED
    if row.after.get("state") == S.ACCEPTED:
        row.after["done_at"] = timezone.make_aware(datetime.combine(done or today, time(12)))
    if due := says.get("due"):
        meant = date_of(due, first_day=dates["due"], near=near)
        if meant is None:
            row.remark(
                "due", f"“{due[:30]}” is no date; {'the due date stays' if row.item else 'it is due on go-live'}."
            )
        elif row.after.get("state", row.item.state if row.item else S.TODO) not in FINISHED:
            row.after["due_on"] = meant
    if who := says.get("owner"):
        _assign(row, who, people)
    if row.after.get("state") == S.BLOCKED:
        row.after["note"] = (says.get("note") or f"The tracker says: {says['status']}")[:500]
        row.after["blocked_since"] = today
    elif row.after.get("state") == S.NOT_APPLICABLE:
        row.after["note"] = (says.get("note") or f"The tracker says: {says['status']}")[:500]
    elif row.item and says.get("note"):
        row.remark("note", f"“{says['note'][:200]}” stays in the tracker; say it on the item if it still counts.")
    if row.kind == LOCAL and len(row.title) > LONGEST_TITLE:
        row.remark("title", f"cut after {LONGEST_TITLE} characters.")


def _assign(row: Row, who: str, people: dict[str, Any]) -> None:
    """Give it to the person named, or to the first of several that is known here."""
    names = [who] if _folded(who) in people else [name for name in re.split(r"[;,/&\n]|\band\b", who) if name.strip()]
    known = [(name, people[_folded(name)]) for name in names if _folded(name) in people]
    if known:
        row.after["assignee_id"] = getattr(known[0][1], "pk", None) or known[0][1].id
    for name in names:
        if _folded(name) not in people:
            rest = "" if known else "; the team role owns it"
            row.remark("owner", f"“{name.strip()[:40]}” is nobody of the organization or the team{rest}.")
    for name, _ in known[1:]:
        row.remark(
            "owner", f"“{name.strip()[:40]}” is named too: an item is with one person, the others may follow it."
        )


def _folded(name: str) -> str:
    return " ".join(re.sub(r"\[\d+ ?%\]", "", name).split()).casefold()


def _hold_back(rows: list[Row], items: list[Item], may_accept: bool) -> None:
    """Apply the rules of the house: nothing is accepted past its evidence, its predecessors or its gate."""
    changing = [row for row in rows if row.kind == "change" and row.item is not None]
    missing = Item.evidence_missing([row.item for row in changing if row.item])
    waits: dict[Any, set[Any]] = {}
    edges = ItemDependency.objects.filter(item_id__in=[row.item.pk for row in changing if row.item])
    for item_id, before in edges.values_list("item_id", "predecessor_id"):
        waits.setdefault(item_id, set()).add(before)
    held = {item.pk for item in items if item.state in Item.HOLDS}
    dropping = [row.item.pk for row in changing if row.item and row.after.get("state") == S.NOT_APPLICABLE]
    core = set(Item.objects.filter(pk__in=dropping, playbook_item__core=True).values_list("pk", flat=True))
    accepting = {row.item.pk for row in changing if row.item and row.after.get("state") == S.ACCEPTED}
    accepting -= set(missing) | {row.item.pk for row in changing if row.item and row.item.completed_by_gate}
    while late := {pk for pk in accepting if not waits.get(pk, set()) <= held | accepting}:
        accepting -= late
    for row in changing:
        item = row.item
        assert item is not None
        state = row.after.get("state")
        if item.state in FINISHED and state != item.state:
            row.after = {}
            row.remarks.append(f"It is {item.get_state_display().lower()} here already and stays so.")
        elif item.completed_by_gate and state in (S.ACCEPTED, S.NOT_APPLICABLE, S.IN_REVIEW):
            row.after = {name: value for name, value in row.after.items() if name in ("assignee_id", "due_on")}
            row.remarks.append(f"Its gate completes it: sign {item.gate}.")
        elif state == S.NOT_APPLICABLE and (item.pk in core or not may_accept):
            row.after = {name: value for name, value in row.after.items() if name in ("assignee_id", "due_on")}
            row.remarks.append(
                CORE_STAYS if item.pk in core else "Not needed there: somebody who reviews items says so here."
            )
        elif state == S.ACCEPTED and (item.pk not in accepting or not may_accept):
            row.after = {**row.after, "state": S.IN_REVIEW}
            row.after.pop("done_at", None)
            row.remarks.append(_why(item, missing, may_accept))


def _why(item: Item, missing: dict[Any, list[str]], may_accept: bool) -> str:
    if item.pk in missing:
        return f"Done there, in review here until its evidence is given: {', '.join(missing[item.pk])}."
    if not may_accept:
        return "Done there, in review here until somebody accepts it."
    return "Done there, in review here until what it waits for is done."
