"""Every table that a page shows, as a file: the page's own address with `?as=csv` or `?as=xlsx`.

Read from the page as it is rendered, so that the file holds what its reader sees and nothing else. A list that goes on
over several pages answers for itself, with all of its rows (`web.tables.table_file`).
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

UNSEEN = {"svg", "button", "select", "textarea", "form"}
"""What stands in a cell to be used and not to be read; of a `details` the summary is read."""
VOID = {"input", "br", "img", "hr", "use", "rect", "meta", "link", "circle", "line", "path"}
NUMBER = re.compile(r"[+−-]?\d{1,3}(,\d{3})*(\.\d+)?|[+−-]?\d+(\.\d+)?")


@dataclass(slots=True)
class PageTable:
    """A table: its caption, and its lines, the heads first."""

    caption: str
    lines: list[list[Any]]


@dataclass(slots=True)
class _Cell:
    texts: list[str] = field(default_factory=list)
    moment: str = ""
    columns: int = 1
    rows: int = 1

    def value(self) -> Any:
        """The text; a day or moment as it is written for machines; a number where it is nothing but one."""
        text = " · ".join(filter(None, (" ".join(part.split()) for part in "".join(self.texts).split("\v"))))
        if self.moment and len(text) < len("Wed 30 Sep 2026, 14:00"):
            return self.moment
        if NUMBER.fullmatch(text):
            plain = text.replace(",", "").replace("−", "-")
            return float(plain) if "." in plain else int(plain)
        return text


def tables_of(page: str) -> list[PageTable]:
    """Return the page's tables in their order, those without a line under their heads left out."""
    return [PageTable(table.caption, _without_blank_columns(table.lines)) for table in raw_tables_of(page)]


def raw_tables_of(page: str) -> list[PageTable]:
    """Return them with the columns that held buttons: blank, in lines that need not be of one length."""
    reader = _Reader()
    reader.feed(page)
    return [table for table in reader.tables if len(table.lines) > 1]


def kept_columns(lines: list[list[Any]], *, headed: bool = False) -> list[int]:
    """Return the places of the columns in which something stands below the head; those of buttons have nothing.

    `headed`: of a table that goes on, also those with a heading, for what the lines to come have below it.
    """
    width = max(map(len, lines))
    full = [line + [""] * (width - len(line)) for line in lines]
    return [
        place
        for place in range(width)
        if any(line[place] != "" for line in full[1:]) or (headed and full[0][place] != "")
    ]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[PageTable] = []
        self._cell: _Cell | None = None
        self._caption: list[str] | None = None
        self._line: list[_Cell] = []
        self._standing: dict[int, tuple[int, Any]] = {}
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.tables.append(PageTable("", []))
            self._standing = {}
        elif not self.tables:
            return
        elif tag == "caption":
            self._caption = []
        elif tag == "tr":
            self._line = []
        elif tag in ("td", "th"):
            self._cell = _Cell(columns=_count(given.get("colspan")), rows=_count(given.get("rowspan")))
        elif self._cell is not None and tag not in VOID:
            if self._unseen or tag in UNSEEN or given.get("aria-hidden") == "true":
                self._unseen.append(tag)
            elif tag == "time" and not self._cell.moment:
                self._cell.moment = given.get("datetime") or ""
            if "sub" in (given.get("class") or "").split() or tag in ("li", "p", "div", "small"):
                self._cell.texts.append("\v")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._unseen = []
        elif self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif tag == "summary" and self._cell is not None and not self._unseen:
            self._unseen.append("details")
        if tag == "caption" and self._caption is not None:
            self.tables[-1].caption, self._caption = " ".join("".join(self._caption).split()), None
        elif tag in ("td", "th") and self._cell is not None:
            self._line.append(self._cell)
            self._cell = None
        elif tag == "tr" and self.tables and self._line:
            self.tables[-1].lines.append(self._filled())
            self._line = []

    def handle_data(self, data: str) -> None:
        if self._caption is not None:
            self._caption.append(data)
        elif self._cell is not None and not self._unseen:
            self._cell.texts.append(data)

    def _filled(self) -> list[Any]:
        """Return the line with what stands beside it from the lines above (rowspan) and over several columns (colspan)."""
        values: list[Any] = []
        cells = iter(self._line)
        cell = next(cells, None)
        while cell is not None or len(values) in self._standing:
            at = len(values)
            if at in self._standing:
                left, value = self._standing.pop(at)
                if left > 1:
                    self._standing[at] = (left - 1, value)
                values.append(value)
                continue
            assert cell is not None
            value = cell.value()
            for place in range(cell.columns):
                if cell.rows > 1:
                    self._standing[at + place] = (cell.rows - 1, value)
                values.append("" if place else value)
            cell = next(cells, None)
        return values


def _count(text: str | None) -> int:
    return min(int(text), 100) if text and text.isdecimal() and int(text) else 1


def _without_blank_columns(lines: list[list[Any]]) -> list[list[Any]]:
    kept = kept_columns(lines)
    return [[line[place] if place < len(line) else "" for place in kept] for line in lines]
