"""Reads a roster as its source wrote it: CSV in any common dialect and encoding, or the sheet of an XLSX workbook.

Every cell comes out as text with the row number a person sees in a spreadsheet. Nothing is repaired here.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from onboarding.rosters import workbook
from onboarding.rosters.fields import FIELDS, words

MISSING = frozenset({"", "na", "n/a", "n.a.", "#n/a", "null", "nan", "none", "-", "--", "—", "."})
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
PREAMBLE = 30
KNOWN = frozenset(name for field in FIELDS for name in field.names)
MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
CONTROLS = re.compile(r"[\x80-\x9f]")
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
    if content.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise UnreadableRosterError(f"{name} is packed. Unpack it and upload the table in it.")
    if content.startswith(b"%PDF"):
        raise UnreadableRosterError(f"{name} is a PDF. Upload the table as .xlsx or .csv.")
    return _read_text(content, name, has_header, limits)


def _read_text(content: bytes, name: str, has_header: bool | None, limits: Limits) -> Table:
    _refuse_other_text(content, name)
    text, encoding, notes = _decode(content, name)
    delimiter, skip = _delimiter(text)
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


def _decode(content: bytes, name: str) -> tuple[str, str, list[str]]:
    """Return the text, the encoding it was told to be in, and a word on what was left out."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            candidates = [encoding]
            break
    else:
        candidates = [_unmarked_utf16(content)] if _unmarked_utf16(content) else ["utf-8", "cp1252", "latin-1"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "latin-1" and CONTROLS.search(text):
            raise UnreadableRosterError(
                f"{name} is in an encoding that cannot be told. Save it as CSV UTF-8 or as .xlsx and upload that."
            )
        zeros = text.count("\x00")
        if zeros * 100 > len(text):
            break
        notes = ["Zero characters were taken out of the file."] if zeros else []
        return text.replace("\x00", ""), encoding, notes
    raise UnreadableRosterError(f"{name} is neither a text table nor an .xlsx workbook.")


def _unmarked_utf16(content: bytes) -> str:
    """Text in UTF-16 without a mark shows by every other byte of Western letters being zero."""
    head = content[:4000]
    if len(head) < 8 or len(content) % 2:
        return ""
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.6 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""


def _refuse_other_text(content: bytes, name: str) -> None:
    """Say what a text file that is no table is, rather than that it has no rows."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")):
        raise UnreadableRosterError(
            f"{name} is a web page, whatever its name says. Open it in a spreadsheet, save it as .xlsx or .csv and upload that."
        )
    if head.startswith(b"<?xml"):
        raise UnreadableRosterError(f"{name} is XML. Save the table as .xlsx or .csv and upload that.")
    if head.startswith((b"{", b"[{")):
        raise UnreadableRosterError(f"{name} is JSON. Save the table as .xlsx or .csv and upload that.")


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
    where = name
    try:
        workbook.refuse_bomb(content, limits.unpacked, limits.entries)
        sheets = workbook.sheets_of(content)
        names = tuple(one.name for one in sheets)
        if not names:
            raise UnreadableRosterError(f"{name} has no sheet.")
        if sheet and sheet not in names:
            raise UnreadableRosterError(f"{name} has no sheet “{sheet}”. Its sheets: {', '.join(names)}.")
        chosen = sheet or workbook.choose(content, sheets)
        where = f"{name}, sheet “{chosen}”"
        spool = workbook.spool(content, chosen, rows=limits.rows + PREAMBLE, columns=max(limits.columns, 400))
        notes = _workbook_notes(sheets, chosen)
        if workbook.uncalculated(content, chosen):
            notes.append(
                "Some cells hold formulas whose value was never stored: open the file, save it, and upload it again."
            )
    except workbook.UnreadableWorkbookError as error:
        raise UnreadableRosterError(f"{where} {error}") from error

    def records() -> Iterator[tuple[int, list[str]]]:
        with Path(spool.name).open(encoding="utf-8", newline="") as lines:
            yield from enumerate(csv.reader(lines), start=1)

    return _table(name, "xlsx", records, has_header, limits, sheet=chosen, sheets=names, notes=tuple(notes))


OTHER_SHEETS = "The workbook has "
"""How the note begins that says which sheets were not read."""


def _workbook_notes(sheets: list[workbook.Sheet], chosen: str) -> list[str]:
    if len(sheets) == 1:
        return []
    others = [f"“{one.name}”{' (hidden)' if one.hidden else ''}" for one in sheets if one.name != chosen]
    return [f"{OTHER_SHEETS}{len(sheets)} sheets; “{chosen}” was read, and not {', '.join(others)}."]


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
    """The first row that is about as wide as the table: titles, dates and names of column groups above it are skipped."""
    widths = [sum(not _blank([cell]) for cell in cells) for _, cells in head]
    usual = Counter(widths).most_common(1)[0][0]
    needed = 1 if usual == 1 else max(2, (usual + 1) // 2)
    place = next((place for place, width in enumerate(widths) if width >= needed), 0)
    below = place + 1
    if below < len(head) and widths[below] > widths[place]:
        known = [sum(words(cell) in KNOWN for cell in head[row][1]) for row in (place, below)]
        place = below if known[1] > max(known[0], 1) else place
    return head[place]


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
