"""What the pages of imports show."""

from functools import partial
from typing import Any

from django.http import QueryDict

from audit.timeline import timeline
from onboarding.rosters.fields import BY_KEY
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.models.roster_import import State
from onboarding.rosters.models.roster_row import TABS
from onboarding.rosters.vocabulary import country_name
from onboarding.rosters.web.forms import ColumnsForm
from tenancy.models import Site
from web.render import etag
from web.tables import is_file
from web.whole_tables import Whole

PAGE = 50
TITLES = {
    "all": "All rows",
    "created": "New sites",
    "updated": "Changed sites",
    "unchanged": "Unchanged",
    "repairs": "Repairs",
    "errors": "Errors",
    "repeats": "Repeats",
    "unmatched": "Unmatched counties",
}
COUNTED = {
    "created": "created", "updated": "updated", "unchanged": "unchanged", "repairs": "repaired", "errors": "refused",
    "repeats": "repeated", "unmatched": "county_none",
}  # fmt: skip
STATUS = {
    State.UPLOADED: "to_do", State.MAPPED: "to_do", State.CHECKING: "in_progress", State.PREVIEWED: "in_review",
    State.IMPORTING: "in_progress", State.IMPORTED: "done", State.FAILED: "failed", State.UNDONE: "not_needed",
}  # fmt: skip
WORDS = {"created": "New", "updated": "Changed", "unchanged": "Unchanged", "repeated": "Repeat", "refused": "Refused"}
OUTCOMES = {
    "created": "done",
    "updated": "in_progress",
    "unchanged": "not_needed",
    "repeated": "waiting",
    "refused": "refused",
}


def columns(roster: RosterImport, form: ColumnsForm) -> dict[str, Any]:
    """The columns page: each field with what is suggested for it, why, and what the column holds."""
    suggested = {found["field"]: found for found in roster.suggestions}
    sample = [row.raw["cells"] for row in RosterRow.objects.in_roster(roster)[:3]]
    place = {label: index for index, label in enumerate(roster.columns)}
    chosen = {key: form[key].value() or "" for key in form.fields}
    used = set(chosen.values())
    return {
        "roster": roster,
        "form": form,
        "country": country_name(roster.country),
        "fields": [
            {
                "bound": form[key],
                "required": BY_KEY[key].required,
                "suggestion": suggested.get(key),
                "holds": [cells[place[label]] for cells in sample if cells[place[label]]] if label in place else [],
            }
            for key, label in chosen.items()
        ],
        "left_out": [label for label in roster.columns if label not in used],
    }


def progress(roster: RosterImport, version: object) -> dict[str, Any]:
    """The progress page."""
    return {
        "roster": roster,
        "doing": "Checking" if roster.state == State.CHECKING else "Importing",
        "version": etag(version),
    }


def tab(query: QueryDict) -> str:
    """Return the tab that the address asks for."""
    wanted = query.get("show", "all")
    return wanted if wanted in TABS else "all"


def rows(roster: RosterImport, query: QueryDict, *, problem: str = "", holds: Any = ()) -> dict[str, Any]:
    """The preview and the result: figures, tabs, and a page of rows with every word on them."""
    shown = tab(query)
    place = str(query.get("after", ""))
    after = int(place) if place.isdecimal() and len(place) < 10 else 0
    wanted = RosterRow.objects.in_roster(roster).shown_as(shown).filter(number__gt=after)
    found = list(wanted[: PAGE + 1])
    in_words = partial(_rows, roster)
    counts = roster.counts
    tabs = [
        {
            "title": title,
            "address": f"?show={key}" if key != "all" else "?",
            "current": key == shown,
            "count": f"{roster.row_count if key == 'all' else counts.get(COUNTED[key], 0):,}",
        }
        for key, title in TITLES.items()
        if key in ("all", "created", "errors", shown) or counts.get(COUNTED[key], 0)
    ]
    done = roster.state != State.PREVIEWED
    new, changed = counts.get("created", 0), counts.get("updated", 0)
    return {
        "roster": roster,
        "state_key": STATUS[State(roster.state)],
        "tabs": tabs,
        "shown": shown,
        "title": TITLES[shown],
        "rows": Whole(wanted, PAGE, in_words) if is_file(query) else in_words(found[:PAGE]),
        "later": f"?show={shown}&after={found[PAGE - 1].number}" if len(found) > PAGE else None,
        "figures": [
            {"label": "Rows", "value": f"{roster.row_count:,}", "note": "in the file"},
            {"label": "New sites", "value": f"{new:,}", "note": "created" if done else "would be created"},
            {"label": "Changed sites", "value": f"{changed:,}", "note": f"{counts.get('unchanged', 0):,} unchanged"},
            {"label": "Repeats", "value": f"{counts.get('repeated', 0):,}", "note": "left out"},
            {"label": "Errors", "value": f"{counts.get('refused', 0):,}", "note": "rows refused"},
        ],
        "can_start": roster.state in (State.PREVIEWED, State.FAILED),
        "can_undo": roster.state in (State.IMPORTED, State.FAILED),
        "writes": new + changed,
        "counties": _counties(counts),
        "kinds": _kinds(counts.get("kinds", [])),
        "kind_choices": [("", "Leave open"), *Site.Kind.choices],
        "problem": problem,
        "history": timeline(roster.pk),
        "holds": list(holds)[:20],
        "more_holds": max(0, len(holds) - 20),
    }


def _kinds(read: list[list[Any]]) -> list[dict[str, Any]]:
    """Words of the file for kinds of site; a blank cell has none."""
    return [
        {"word": word, "kind": kind, "label": Site.Kind(kind).label if kind else "Clinic", "rows": number}
        for word, kind, number in read
        if word.strip()
    ]


def _counties(counts: dict[str, int]) -> str:
    known = [
        (counts.get("county_written", 0), "as written"),
        (counts.get("county_normalized", 0), "after normalizing"),
        (counts.get("county_fips", 0), "by code"),
        (counts.get("county_none", 0), "unmatched"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in known if number)


def _rows(roster: RosterImport, rows: list[RosterRow]) -> list[dict[str, Any]]:
    return [_row(roster, row) for row in rows]


def _row(roster: RosterImport, row: RosterRow) -> dict[str, Any]:
    values = row.values
    label = values.get("name") or _written_name(roster, row) or "No name"
    where = ", ".join(str(values[key]) for key in ("city", "region", "postal_code") if values.get(key))
    return {
        "number": row.number,
        "name": label,
        "second": values.get("name_2", ""),
        "where": where,
        "outcome": row.outcome,
        "status": OUTCOMES.get(row.outcome, "to_do"),
        "word": WORDS.get(row.outcome, "Not looked at"),
        "site_id": row.site_id if row.outcome != RosterRow.Outcome.REPEATED else None,
        "messages": [{**message, "label": _label(message["field"])} for message in row.messages],
    }


def _written_name(roster: RosterImport, row: RosterRow) -> str:
    column = roster.mapping.get("name")
    return row.raw["cells"][roster.columns.index(column)] if column in roster.columns else ""


def _label(name: str) -> str:
    if name in BY_KEY:
        return BY_KEY[name].label
    return name.replace("_", " ").capitalize() if name else "Row"
