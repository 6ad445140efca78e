"""Workbooks looked through before they are read: what reads them keeps a whole row, and every text, in memory at once.

A hundred kilobytes can hold one row of five million cells, which took a minute and three gigabytes.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from web.uploads import FileRefused

CHUNK = 1024 * 1024
IN_ROW = 8 * 16_384
"""Tags of one row: as many cells as Excel has columns, each with a value and a formula."""
LONGEST_ROW = 16 * CHUNK
IN_PART = 400_000
"""Tags of any other part that is read whole: styles, names of sheets. Excel has at most 64,000 cell formats."""
OF_TEXTS = 8_000_000
"""Tags of the texts that cells share: two million texts."""
ROW = re.compile(rb"<(?:[\w.-]+:)?row(?=[\s/>])")
ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\s*>")


def refuse_what_fills_memory(content: bytes) -> None:
    """Raise FileRefused for a workbook with a row, or another part, of more than any program writes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            name = entry.filename.casefold()
            if not name.endswith((".xml", ".rels")):
                continue
            with archive.open(entry) as part:
                if "worksheets/" in name:
                    _check_rows(_pieces(part), entry.filename)
                else:
                    most = OF_TEXTS if "sharedstrings" in name or "pivotcache" in name else IN_PART
                    _check_part(_pieces(part), entry.filename, most)


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    while piece := part.read(CHUNK):
        yield piece


def _check_part(pieces: Iterator[bytes], name: str, most: int) -> None:
    tags = 0
    for piece in pieces:
        tags += piece.count(b"<")
        if tags > most:
            raise FileRefused(f"holds more than {most:,} tags in {name[:80]}; no spreadsheet program writes so many.")


def _check_rows(pieces: Iterator[bytes], name: str) -> None:
    """Look at what lies between the beginnings of two rows. What hides a tag from us is refused: a sheet needs none of it."""
    left = b""
    for piece in pieces:
        text = left + piece
        if b"<!" in text or b"\0" in text:
            raise FileRefused(f"holds what does not belong into a sheet: {name[:80]}.")
        *whole, left = _apart(text)
        for row in whole:
            _check_row(row, name)
        if left.count(b"<") > IN_ROW or len(left) > LONGEST_ROW:
            _refuse_row(name)
    _check_row(left, name)


def _apart(text: bytes) -> list[bytes]:
    """Split before each row that begins; the last piece may go on."""
    starts = [found.start() for found in ROW.finditer(text)]
    return [text[start:end] for start, end in zip([0, *starts], [*starts, None], strict=True)]


def _check_row(row: bytes, name: str) -> None:
    if row.count(b"<") > IN_ROW:
        _refuse_row(name)
    begins = ROW.match(row) is not None
    closed = row[: row.find(b">") + 1].endswith(b"/>") if begins else True
    if begins and not closed and len(ROW_END.findall(row)) != 1:
        raise FileRefused(f"holds a row within a row: {name[:80]}.")


def _refuse_row(name: str) -> None:
    raise FileRefused(f"holds a row with more in it than a sheet has columns for: {name[:80]}.")
