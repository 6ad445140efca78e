"""The tables of an uploaded tracker: a workbook's sheets, the one that looks most like a tracker first."""

from dataclasses import dataclass
from typing import Any

from onboarding.rosters import workbook
from onboarding.rosters.reading import OTHER_SHEETS, Limits, Table, UnreadableRosterError
from onboarding.trackers.fields import Suggestion, suggest, with_header

LIMITS = Limits(size=10 * 1024 * 1024, rows=2000, columns=80)
LONGEST_CELL = 2000
LONGEST_NAME = 100
MOST_SHEETS = 8
"""Sheets of a small workbook that are looked at; hidden ones only where somebody names them. Of a large one, one."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it was read, and what its columns probably are."""

    name: str
    notes: list[str]
    columns: list[str]
    rows: list[list[Any]]
    suggestions: list[Suggestion]

    @property
    def likeness(self) -> tuple[float, int]:
        """How much it looks like a tracker: the columns that are recognized, then how many rows it has."""
        return sum(one.confidence for one in self.suggestions), len(self.rows)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {
            "sheet": self.name,
            "notes": self.notes,
            "columns": self.columns,
            "rows": self.rows,
            "suggestions": [
                {"field": one.field, "column": one.column, "confidence": one.confidence, "reason": one.reason}
                for one in self.suggestions
            ],
        }


def read_sheets(content: bytes, name: str, *, sheet: str = "") -> list[Sheet]:
    """Return the tables of a tracker, at least one; that of the sheet named, or the likeliest, first.

    Raises UnreadableRosterError for a file that is no table, and for a sheet that is not there or holds none.
    """
    if not content.startswith(b"PK\x03\x04"):
        return [_sheet(with_header(content, name, limits=LIMITS))]
    found: list[Sheet] = []
    refused: list[UnreadableRosterError] = []
    for one in _names(content, name, sheet):
        try:
            found.append(_sheet(with_header(content, name, sheet=one, limits=LIMITS)))
        except UnreadableRosterError as error:
            if one == sheet:
                raise
            refused.append(error)
    if not found:
        raise refused[0] if refused else UnreadableRosterError(f"{name} has no sheet.")
    if len(found) > 1:
        for read in found:  # the other sheets are offered instead
            read.notes[:] = [note for note in read.notes if not note.startswith(OTHER_SHEETS)]
    first = next((one for one in found if one.name == sheet), None) or max(found, key=lambda one: one.likeness)
    return [first, *(one for one in found if one is not first)]


def _names(content: bytes, name: str, sheet: str) -> list[str]:
    try:
        workbook.refuse_bomb(content, LIMITS.unpacked, LIMITS.entries)
        sheets = workbook.sheets_of(content)
    except workbook.UnreadableWorkbookError as error:
        raise UnreadableRosterError(f"{name} {error}") from error
    if len(content) > workbook.SMALL:  # every sheet means reading the file anew
        return [sheet or workbook.choose(content, sheets)] if sheets else []
    seen = [one.name for one in sheets if not one.hidden]
    return [*filter(None, [sheet]), *(one for one in seen if one != sheet)][:MOST_SHEETS]


def _sheet(table: Table) -> Sheet:
    rows = [
        [row.number, [value.replace("\0", "").strip()[:LONGEST_CELL] for value in row.values]] for row in table.rows()
    ]
    notes = list(table.notes)
    if not table.header_row:
        notes.append("The file has no header; its columns are numbered.")
    return Sheet(table.sheet[:LONGEST_NAME], notes, [column.label for column in table.columns], rows, suggest(table))
