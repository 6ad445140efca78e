"""Take a file in: read it, keep its rows, suggest a mapping. Nothing else is written."""

import hashlib
import itertools
from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from onboarding.rosters.mapping import names_elected_person, suggest
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.reading import Column, Table, read

CHUNK = 1000


@transaction.atomic
def upload_roster(content: bytes, file_name: str, *, by: Actor, sheet: str = "", country: str = "US") -> RosterImport:
    """Keep a roster; raise UnreadableRosterError, with nothing kept, for a file that is none."""
    file_name = file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][-200:]
    table = read(content, file_name, sheet=sheet)
    sha256 = hashlib.sha256(content).hexdigest()
    twin = RosterImport.objects.newest().filter(file_sha256=sha256, sheet=table.sheet[:100]).first()
    suggestions = suggest(table)
    kept = [column for column in table.columns if not names_elected_person(column)]
    roster = RosterImport(
        file_name=file_name,
        file_sha256=sha256,
        file_size=len(content),
        file_kind=table.kind,
        sheet=table.sheet[:100],
        encoding=table.encoding,
        notes=_notes(table, twin),
        columns=[column.label for column in kept],
        suggestions=[_suggestion(found) for found in suggestions.chosen],
        refused_columns=[column.label for column in suggestions.refused],
        mapping=suggestions.as_mapping(),
        country=country,
        row_count=table.row_count,
        created_by=by.id,
    )
    roster.save(force_insert=True)
    rows = (_row(roster, kept, row) for row in table.rows())
    while chunk := list(itertools.islice(rows, CHUNK)):
        RosterRow.objects.bulk_create(chunk)
    record(
        audit.IMPORT_UPLOADED, by=by, subject=roster, file=file_name, rows=table.row_count, sha256=roster.file_sha256
    )
    return roster


def _row(roster: RosterImport, kept: list[Column], row: Any) -> RosterRow:
    # PostgreSQL's JSON cannot hold the zero character; no cell means anything by it.
    raw = {"cells": [row.values[column.index].replace("\x00", "") for column in kept]}
    if row.problem:
        raw["problem"] = row.problem
    return RosterRow(roster_import=roster, number=row.number, raw=raw)


def _notes(table: Table, twin: RosterImport | None) -> list[str]:
    notes = list(table.notes)
    if twin:
        notes.append(
            f"The same file was uploaded on {twin.created_at:%-d %b %Y}, and is {twin.get_state_display().lower()}. "
            "Sites that it brought in are found again, not added twice."
        )
    if table.header_row > 1:
        notes.append(f"Rows 1 to {table.header_row - 1} stand above the header and were skipped.")
    if not table.header_row:
        notes.append("The file has no header; its columns are numbered.")
    if table.encoding in ("cp1252", "latin-1"):
        notes.append("The file is not in UTF-8; it was read as Western European text.")
    return notes


def _suggestion(found: Any) -> dict[str, Any]:
    return {
        "field": found.field,
        "column": found.column.label,
        "confidence": found.confidence,
        "word": found.word,
        "reason": found.reason,
        "rivals": [rival.label for rival in found.rivals],
    }
