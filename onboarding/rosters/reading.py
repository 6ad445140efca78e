"""Reads a roster as its source wrote it: CSV in any common dialect and encoding, or the sheet of an XLSX workbook.

Every cell comes out as text with the row number a person sees in a spreadsheet. Nothing is repaired here.
"""

import csv
import io
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

MISSING = frozenset({"", "na", "n/a", "n.a.", "#n/a", "null", "nan", "none", "-", "--", "—", "."})
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
PREAMBLE = 30
LOOKS_LIKE_DATA = re.compile(
    r"[-+]?\d[\d.,]*|\d{5}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|https?://\S+|www\.\S+|\S+@\S+\.\S+|[\d() .+-]{7,}( ?x\d+)?",
    re.IGNORECASE,
)


class UnreadableRosterError(ValueError):
    """The file cannot be read as a roster; the message names the file and, where there is one, the sheet or row."""


@dataclass(frozen=True)
class Limits:
    """What a roster may weigh before it is refused."""

    size: int = 25 * 1024 * 1024
    rows: int = 200_000
    columns: int = 400
    unpacked: int = 400 * 1024 * 1024
    entries: int = 2_000


@dataclass(frozen=True)
class Column:
    """One column: its place, a label that is unique in the file, and the header as written."""

    index: int
    label: str
    written: str


@dataclass(frozen=True)
class SourceRow:
    """One row of the file. `number` counts as a spreadsheet does, the header and blank lines included."""

    number: int
    values: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """A roster that was read once through and can be read again from the top."""

    name: str
    kind: str
    columns: tuple[Column, ...]
    row_count: int
    header_row: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _records: Callable[[], Iterator[tuple[int, list[str]]]] = field(repr=False, compare=False, default=lambda: iter(()))

    def rows(self, after: int = 0) -> Iterator[SourceRow]:
        """Yield the rows that are not blank, from the first whose number is above `after`."""
        width = len(self.columns)
        for number, cells in self._records():
            if number <= max(after, self.header_row) or _blank(cells):
                continue
            surplus = not _blank(cells[width:])
            problem = ""
            if surplus:
                problem = (
                    f"The row has {len(cells)} cells and the header {width}: a separator inside a value is not quoted."
                )
            yield SourceRow(number, tuple(cells[:width] + [""] * (width - len(cells))), problem)

    def sample(self, count: int = 200) -> list[SourceRow]:
        """Return the first rows, to suggest a mapping from."""
        return list(islice(self.rows(), count))


def read(
    content: bytes, name: str, *, sheet: str = "", has_header: bool | None = None, limits: Limits | None = None
) -> Table:
    """Read a roster. The kind is told by the content, never by the file's name."""
    limits = limits or Limits()
    if not content:
        raise UnreadableRosterError(f"{name} is empty.")
    if len(content) > limits.size:
        raise UnreadableRosterError(f"{name} has {len(content):,} bytes; at most {limits.size:,} are allowed.")
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(content, name, sheet, has_header, limits)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableRosterError(
            f"{name} is an old Excel workbook (.xls). Save it as .xlsx or .csv and upload that."
        )
    if content.startswith(b"%PDF"):
        raise UnreadableRosterError(f"{name} is a PDF. Upload the table as .xlsx or .csv.")
    return _read_text(content, name, has_header, limits)


def _read_text(content: bytes, name: str, has_header: bool | None, limits: Limits) -> Table:
    text, encoding = _decode(content, name)
    delimiter, skip = _delimiter(text)
    notes: list[str] = []
    strict = True
    try:
        for _ in _csv_records(text, delimiter, skip, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end of data" in str(error) or "field larger" in str(error):
            row = _row_of_open_quote(text, delimiter, skip)
            raise UnreadableRosterError(f"{name}, row {row}: a quotation mark is opened and never closed.") from error
        strict = False
        notes.append("Some quotation marks are not doubled inside a value; they were read as written.")

    def records() -> Iterator[tuple[int, list[str]]]:
        try:
            yield from _csv_records(text, delimiter, skip, strict=strict)
        except csv.Error as error:
            raise UnreadableRosterError(f"{name}: {error}.") from error

    return _table(
        name, "csv", records, has_header, limits, encoding=encoding, delimiter=DELIMITERS[delimiter], notes=tuple(notes)
    )


def _csv_records(text: str, delimiter: str, skip: int, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    for number, cells in enumerate(reader, start=1):
        if number > skip:
            yield number, cells


def _row_of_open_quote(text: str, delimiter: str, skip: int) -> int:
    number = skip
    try:
        for number, _ in _csv_records(text, delimiter, skip, strict=True):  # noqa: B007
            pass
    except csv.Error:
        return number + 1
    return number


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "cp1252", "latin-1"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text, encoding
    raise UnreadableRosterError(f"{name} is neither a text table nor an .xlsx workbook.")


def _delimiter(text: str) -> tuple[str, int]:
    """Return the separator, and how many leading lines are Excel's own hint (`sep=;`)."""
    hint = re.match(r"sep=([,;\t|])\r?\n", text, re.IGNORECASE)
    if hint:
        return hint[1], 1
    head = text[:65536]
    best, best_score = ",", 0.0
    for candidate in DELIMITERS:
        try:
            widths = [
                len(cells)
                for cells in islice(csv.reader(io.StringIO(head, newline=""), delimiter=candidate), 60)
                if cells
            ]
        except csv.Error:
            continue
        if not widths:
            continue
        width, agreeing = Counter(widths).most_common(1)[0]
        score = agreeing / len(widths) * (width - 1) ** 0.5
        if score > best_score:
            best, best_score = candidate, score
    return best, 0


def _read_workbook(content: bytes, name: str, sheet: str, has_header: bool | None, limits: Limits) -> Table:
    _refuse_bomb(content, name, limits)
    workbook = _open_workbook(content, name)
    sheets = tuple(worksheet.title for worksheet in workbook.worksheets)
    workbook.close()
    if not sheets:
        raise UnreadableRosterError(f"{name} has no sheet.")
    if sheet and sheet not in sheets:
        raise UnreadableRosterError(f"{name} has no sheet “{sheet}”. Its sheets: {', '.join(sheets)}.")
    chosen = sheet or sheets[0]

    spool = _spool(content, name, chosen, limits)

    def records() -> Iterator[tuple[int, list[str]]]:
        with Path(spool.name).open(encoding="utf-8", newline="") as lines:
            yield from enumerate(csv.reader(lines), start=1)

    return _table(name, "xlsx", records, has_header, limits, sheet=chosen, sheets=sheets)


def _spool(content: bytes, name: str, sheet: str, limits: Limits) -> Any:
    """Write the sheet to a temporary file as CSV: parsing a workbook is slow, and its rows are gone through four times."""
    spool = tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", prefix="roster-")  # noqa: SIM115 - lives as long as the table
    writer = csv.writer(spool)
    workbook = _open_workbook(content, name)
    try:
        worksheet = workbook[sheet]
        worksheet.reset_dimensions()  # writers other than Excel often state a wrong size
        blank = filled = 0
        for values in worksheet.iter_rows(values_only=True):
            cells = [_cell_text(value) for value in values]
            if _blank(cells):
                blank += 1  # formatted blank rows can go on for a million; only those above a filled one count
                continue
            writer.writerows([[]] * blank)
            writer.writerow(cells)
            blank, filled = 0, filled + 1
            if filled > limits.rows + PREAMBLE:
                raise UnreadableRosterError(
                    f"{name}, sheet “{sheet}” has more than {limits.rows:,} rows. Split it and import the parts."
                )
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        if isinstance(error, UnreadableRosterError):
            raise
        raise UnreadableRosterError(f"{name}, sheet “{sheet}” cannot be read: {error}.") from error
    finally:
        workbook.close()
    spool.flush()
    return spool


def _open_workbook(content: bytes, name: str) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the broken part made it trip over
        raise UnreadableRosterError(f"{name} is not a workbook that can be read: {error}.") from error


def _refuse_bomb(content: bytes, name: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableRosterError(f"{name} is a damaged workbook.") from error
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.entries or unpacked > limits.unpacked:
        raise UnreadableRosterError(
            f"{name} unpacks to {unpacked:,} bytes in {len(entries):,} parts; that is more than a roster."
        )
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UnreadableRosterError(f"{name} is a ZIP archive without a workbook in it.")


def _cell_text(value: object) -> str:
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


def _blank(cells: list[str]) -> bool:
    return not any(cell and not cell.isspace() for cell in cells)


def _table(
    name: str,
    kind: str,
    records: Callable[[], Iterator[tuple[int, list[str]]]],
    has_header: bool | None,
    limits: Limits,
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    sheets: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Table:
    where = f"{name}, sheet “{sheet}”" if sheet else name
    head = [(number, cells) for number, cells in islice(records(), PREAMBLE) if not _blank(cells)]
    if not head:
        raise UnreadableRosterError(f"{where} has no rows.")
    first, header = _header(head)
    if has_header is None:
        has_header = not _is_data(header)
    header_row = first if has_header else first - 1
    count, used = 0, 0
    filled: set[int] = set()
    for number, cells in records():
        if number <= header_row or _blank(cells):
            continue
        count += 1
        if count > limits.rows:
            raise UnreadableRosterError(f"{where} has more than {limits.rows:,} rows. Split it and import the parts.")
        used = max(used, len(cells))
        filled.update(index for index, cell in enumerate(cells) if cell and not cell.isspace())
    if not count:
        raise UnreadableRosterError(f"{where} has a header in row {first} and no rows below it.")
    names = [cell.strip() for cell in header] if has_header else [""] * max(len(header), used)
    while names and not names[-1] and (len(names) - 1) not in filled:
        names = names[:-1]
    if len(names) > limits.columns:
        raise UnreadableRosterError(f"{where} has {len(names):,} columns; at most {limits.columns:,} are allowed.")
    return Table(name, kind, _columns(names), count, header_row, encoding, delimiter, sheet, sheets, notes, records)


def _header(head: list[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """The first row that is about as wide as the table: titles and dates above it are skipped."""
    widths = [sum(not _blank([cell]) for cell in cells) for _, cells in head]
    usual = Counter(widths).most_common(1)[0][0]
    needed = 1 if usual == 1 else max(2, (usual + 1) // 2)
    for (number, cells), width in zip(head, widths, strict=True):
        if width >= needed:
            return number, cells
    return head[0]


def _is_data(cells: list[str]) -> bool:
    """A header never holds telephone numbers, postal codes or addresses of web pages."""
    return sum(bool(LOOKS_LIKE_DATA.fullmatch(cell.strip())) for cell in cells) >= 2


def _columns(names: list[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    taken: set[str] = set()
    for index, written in enumerate(names):
        label = stem = " ".join(written.split()) or f"Column {index + 1}"
        twin = 1
        while label.casefold() in taken:
            twin += 1
            label = f"{stem} ({twin})"
        taken.add(label.casefold())
        columns.append(Column(index, label, written))
    return tuple(columns)
