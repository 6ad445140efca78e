"""A playbook as a YAML file and as a workbook: out and back is the same playbook."""

import io
import zipfile

import pytest
from openpyxl import load_workbook

from onboarding.playbooks.document import PlaybookDocument, PlaybookError, read
from onboarding.playbooks.one_file import dump, parse
from onboarding.playbooks.plain import written
from onboarding.playbooks.spreadsheet import from_workbook, to_workbook


def test_a_yaml_file_comes_back_as_the_same_playbook(starter: PlaybookDocument) -> None:
    text = dump(written(starter))

    assert read(parse(text.encode(), "playbook.yaml")).sha256 == starter.sha256
    assert dump(written(read(parse(text.encode(), "playbook.yaml")))) == text


def test_a_workbook_comes_back_as_the_same_playbook(starter: PlaybookDocument) -> None:
    assert read(from_workbook(to_workbook(written(starter)), "playbook.xlsx")).sha256 == starter.sha256


def test_what_is_edited_in_the_workbook_comes_back(starter: PlaybookDocument) -> None:
    book = load_workbook(io.BytesIO(to_workbook(written(starter))))
    sheet = book["Items"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    row = next(line[0].row for line in sheet.iter_rows(min_row=2) if line[columns["key"] - 1].value == "risk-register")
    sheet.cell(row, columns["title"]).value = "=Risks, owned"
    sheet.cell(row, columns["title"]).data_type = "s"
    sheet.cell(row, columns["depends_on"]).value = "kick-off +5, wave-plan"
    sheet.cell(row, columns["evidence"]).value = "list | log | The list\nletter | document | A letter | optional"
    out = io.BytesIO()
    book.save(out)
    item = read(from_workbook(out.getvalue(), "playbook.xlsx")).item("risk-register")

    assert item.title == "=Risks, owned"
    assert [(one.item, one.lag_days) for one in item.depends_on] == [("kick-off", 5), ("wave-plan", 0)]
    assert [(one.key, one.kind, one.required) for one in item.evidence] == [
        ("list", "log", True),
        ("letter", "document", False),
    ]


def test_a_cell_that_cannot_be_read_is_named(starter: PlaybookDocument) -> None:
    book = load_workbook(io.BytesIO(to_workbook(written(starter))))
    columns = {cell.value: cell.column for cell in book["Items"][1]}
    book["Items"].cell(2, columns["evidence"]).value = "a note"
    book["Items"].cell(3, columns["depends_on"]).value = "interest-recorded +soon"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(PlaybookError) as caught:
        from_workbook(out.getvalue(), "playbook.xlsx")

    assert [str(one) for one in caught.value.problems] == [
        "Items row 2: evidence: 'a note': write 'key | kind | title', and '| optional' where it is",
        "Items row 3: depends_on: 'interest-recorded +soon': write the lag in working days, as 'key +5'",
    ]


def test_a_bomb_and_a_stranger_are_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/sheet.xml", b"0" * 70_000_000)
    with pytest.raises(PlaybookError, match="70,000,000 bytes unpacked, at most 60,000,000 are read"):
        from_workbook(packed.getvalue(), "bomb.xlsx")
    with pytest.raises(PlaybookError, match=r"no Excel workbook"):
        from_workbook(b"PK\x03\x04 nothing", "stranger.xlsx")
    with pytest.raises(PlaybookError, match=r"line 2: write it out, aliases"):
        parse(b"a: &a [1, 2]\nb: [*a, *a]\n", "laughs.yaml")


def test_an_alias_in_a_cell_is_refused(starter: PlaybookDocument) -> None:
    book = load_workbook(io.BytesIO(to_workbook(written(starter))))
    items = book["Items"]
    column = next(cell.column for cell in items[1] if cell.value == "condition")
    items.cell(2, column).value = "{all: &a [x, x], any: [*a, *a]}"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(PlaybookError, match=r"Items row 2: condition: line 1: write it out, aliases"):
        from_workbook(out.getvalue(), "playbook.xlsx")
