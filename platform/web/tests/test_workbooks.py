"""Workbooks that are small to send and large to read are refused before anything reads them."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from onboarding.playbooks.document import PlaybookError
from onboarding.playbooks.spreadsheet import from_workbook
from onboarding.rosters.reading import UnreadableRosterError, read
from web.uploads import FileRefused
from web.uploads.workbooks import refuse_what_fills_memory

SHEET, TEXTS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
CELL = '<c r="A1"/>'


def workbook(**parts: str) -> bytes:
    """A workbook of two rows, with other parts in place of its own."""
    book, plain, out = Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["name", "city"])
    book.active.append(["Main Street", "Albany"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in {*source.namelist(), *parts}:
            target.writestr(name, parts[name] if name in parts else source.read(name))
    return out.getvalue()


BOMBS = {
    "one endless row": {SHEET: f'{HEAD}<row r="1">{CELL * 500_000}</row>{TAIL}'},
    "an endless text": {SHEET: f'{HEAD}<row r="1"><c t="inlineStr"><is><t>{"x" * 40_000_000}</t></is></c></row>{TAIL}'},
    "rows within a row": {SHEET: f'{HEAD}<row r="1">{(CELL * 9 + "<row></row>") * 50_000}</row>{TAIL}'},
    "a row that is never closed": {SHEET: f"{HEAD}{'<row>' + CELL}{('<row>' + CELL) * 50_000}{TAIL}"},
    "ends of rows in remarks": {SHEET: f'{HEAD}<row r="1">{(CELL * 9 + "<!--</row><row>-->") * 50_000}</row>{TAIL}'},
    "an entity": {SHEET: f'<!DOCTYPE x [<!ENTITY e "{CELL * 1000}">]>{HEAD}<row r="1">{"&e;" * 900}</row>{TAIL}'},
    "a file of ours": {SHEET: f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>{HEAD}<row>&e;</row>{TAIL}'},
    "another encoding": {SHEET: f'{HEAD}<row r="1">{CELL * 9}</row>{TAIL}\0'},
    "endless texts": {TEXTS: f"<sst>{'<si><t/></si>' * 3_000_000}</sst>"},
    "endless styles": {STYLES: f"<styleSheet><cellXfs>{'<xf/>' * 500_000}</cellXfs></styleSheet>"},
}


@pytest.mark.parametrize("parts", BOMBS.values(), ids=BOMBS)
def test_what_would_fill_the_memory_is_refused_by_every_reader(parts: dict[str, str]) -> None:
    content = workbook(**parts)
    assert len(content) < 400_000
    begun = time.process_time()
    with pytest.raises(FileRefused, match=r"xl/"):
        refuse_what_fills_memory(content)
    with pytest.raises(UnreadableRosterError, match=r"xl/"):
        read(content, "roster.xlsx")
    with pytest.raises(PlaybookError, match=r"xl/"):
        from_workbook(content, "playbook.xlsx")
    assert time.process_time() - begun < 30


@pytest.mark.parametrize(
    "rows",
    [
        lambda: "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>1</v></c></row>' for n in range(1, 50_000)),
        lambda: "".join(f'<x:row r="{n}" spans="a>b"><x:c r="A{n}"/></x:row>' for n in range(1, 50_000)),
        lambda: '<row r="1"/>' * 50_000 + '<row r="2"><c><f>A1</f><v>2</v></c></row\n>',
        lambda: f'<row r="1">{CELL * 16_384}</row>',
    ],
    ids=["many", "prefixed", "empty", "wide"],
)  # fmt: skip
def test_what_programs_write_passes(rows: Callable[[], str]) -> None:
    refuse_what_fills_memory(workbook(**{SHEET: f"{HEAD}{rows()}{TAIL}"}))
