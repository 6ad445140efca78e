"""Opens the sheet of an XLSX workbook as rows of text, whatever the rest of the file holds."""

import csv
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from web.uploads import FileRefused
from web.uploads.workbooks import refuse_what_fills_memory

PEEK = 60
"""Rows of a sheet that are looked at to tell a table from a cover page."""
FORMULAS = 500
SHEET_ROWS = 1_048_576
"""Rows that a sheet can have; a file that claims more is no workbook of a spreadsheet."""
SMALL = 4 * 1024 * 1024


class UnreadableWorkbookError(ValueError):
    """The workbook cannot be read; the message follows the file's name."""


@dataclass(frozen=True)
class Sheet:
    """A sheet's name, and whether people see it."""

    name: str
    hidden: bool


def refuse_bomb(content: bytes, unpacked_limit: int, entries_limit: int) -> None:
    """Raise UnreadableWorkbookError for an archive that is none, holds no workbook, or unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableWorkbookError("is a damaged workbook.") from error
    unpacked = _unpacked(entries)
    if len(entries) > entries_limit or unpacked > unpacked_limit:
        raise UnreadableWorkbookError(
            f"unpacks to {unpacked:,} bytes in {len(entries):,} parts; that is more than a roster."
        )
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" in names:
        _refuse_what_fills_memory(content)
        return
    if "xl/workbook.bin" in names:
        raise UnreadableWorkbookError("is a binary Excel workbook (.xlsb). Save it as .xlsx or .csv and upload that.")
    if "content.xml" in names:
        raise UnreadableWorkbookError("is an OpenDocument file. Save the sheet as .xlsx or .csv and upload that.")
    raise UnreadableWorkbookError("is a ZIP archive without a workbook in it.")


def _refuse_what_fills_memory(content: bytes) -> None:
    try:
        refuse_what_fills_memory(content)
    except FileRefused as refusal:
        raise UnreadableWorkbookError(str(refusal)) from refusal
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableWorkbookError("is a damaged workbook.") from error


def _unpacked(entries: list[zipfile.ZipInfo]) -> int:
    return sum(entry.file_size for entry in entries)


def sheets_of(content: bytes) -> list[Sheet]:
    """Return the workbook's sheets of cells in their order; charts are none."""
    with _opened(content) as book:
        return [Sheet(sheet.title, sheet.sheet_state != "visible") for sheet in _grids(book)]


def choose(content: bytes, sheets: list[Sheet]) -> str:
    """Return the sheet that most likely holds the table: the first seen one with two columns and two rows, else with any.

    Cover pages and hidden lookup lists stand before the table more often than behind it.
    """
    visible = [sheet for sheet in sheets if not sheet.hidden] or sheets
    filled = ""
    with _opened(content) as book:
        for sheet in visible:
            rows = [row for row in islice(_cells(book[sheet.name]), PEEK) if any(row)]
            if sum(sum(map(bool, row)) >= 2 for row in rows) >= 2:
                return sheet.name
            if rows and not filled:
                filled = sheet.name
    return filled or visible[0].name


def spool(content: bytes, sheet: str, *, rows: int, columns: int) -> Any:
    """Write the sheet to a temporary file as CSV: parsing a workbook is slow, and its rows are gone through four times.

    Raises UnreadableWorkbookError for more than so many rows that hold something, or a row that is wider.
    """
    file = tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", prefix="roster-")  # noqa: SIM115 - lives as long as the table
    try:
        with _opened(content) as book:
            _write(csv.writer(file), _cells(book[sheet]), rows, columns)
        file.flush()
    except BaseException:
        file.close()
        raise
    return file


def _write(writer: Any, cells_of_rows: Iterator[list[str]], rows: int, columns: int) -> None:
    blank = filled = 0
    for number, cells in enumerate(cells_of_rows, start=1):
        if number > SHEET_ROWS:
            raise UnreadableWorkbookError("has rows beyond the end of any sheet.")
        if not any(cells):
            blank += 1  # formatted blank rows can go on for a million; only those above a filled one count
            continue
        if len(cells) > columns:
            raise UnreadableWorkbookError(
                f"has {len(cells):,} columns in row {number:,}; at most {columns:,} are allowed."
            )
        writer.writerows([[]] * blank)
        writer.writerow(cells)
        blank, filled = 0, filled + 1
        if filled > rows:
            raise UnreadableWorkbookError(f"has more than {rows:,} rows. Split it and import the parts.")


def uncalculated(content: bytes, sheet: str) -> bool:
    """Whether the first rows hold formulas whose value was never stored: programs that write workbooks often leave it out."""
    with _opened(content, values=False) as written, _opened(content) as stored:
        pairs = zip(_raw(written[sheet]), _raw(stored[sheet]), strict=False)
        return any(
            isinstance(formula, str) and formula.startswith("=") and value is None
            for formulas, values in islice(pairs, FORMULAS)
            for formula, value in zip(formulas, values, strict=False)
        )


@contextmanager
def _opened(content: bytes, *, values: bool = True) -> Iterator[Any]:
    """Open it without loading it whole; small ones that this trips over are loaded whole."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
    except Exception as error:  # openpyxl raises whatever the broken part made it trip over
        if not _is_small(content):
            raise UnreadableWorkbookError(f"is not a workbook that can be read: {error}.") from error
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=values)
        except Exception as second:
            raise UnreadableWorkbookError(f"is not a workbook that can be read: {second}.") from second
    try:
        yield book
    except UnreadableWorkbookError:
        raise
    except Exception as error:
        raise UnreadableWorkbookError(f"cannot be read: {error}.") from error
    finally:
        book.close()


def _is_small(content: bytes) -> bool:
    """Whether a workbook may be loaded whole: packed and unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return len(content) <= SMALL and _unpacked(archive.infolist()) <= 5 * SMALL


def _grids(book: Any) -> list[Any]:
    return [sheet for sheet in book.worksheets if hasattr(sheet, "iter_rows")]


def _raw(sheet: Any) -> Iterator[tuple[Any, ...]]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # writers other than Excel often state a wrong size
    yield from sheet.iter_rows(values_only=True)


def _cells(sheet: Any) -> Iterator[list[str]]:
    """Yield each row as text, without the blanks at its end."""
    for values in _raw(sheet):
        cells = [_text(value) for value in values]
        while cells and (not cells[-1] or cells[-1].isspace()):
            cells.pop()
        yield cells


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)
