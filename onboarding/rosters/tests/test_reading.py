"""Rosters are read as their sources wrote them."""

import io
import zipfile
from datetime import date

import pytest

from onboarding.rosters.reading import Limits, UnreadableRosterError, read
from onboarding.rosters.tests.rosters import facilities, health_centers, workbook


def labels(table):
    return [column.label for column in table.columns]


def cells(table):
    return [row.values for row in table.rows()]


def test_the_full_roster_of_facilities_is_read_row_by_row():
    table = read(facilities(), "facilities.csv")
    assert (table.row_count, table.encoding, table.delimiter, table.header_row) == (11375, "utf-8", "comma", 1)
    assert table.sample(1)[0].values[:3] == ("Perspectives Center for Care Inc", "", "60 Westwood Avenue")
    assert [row.number for row in table.rows()][-1] == 11376


def test_a_header_that_ends_in_a_comma_does_not_add_a_column():
    table = read(health_centers(), "sites.csv")
    assert (table.row_count, len(table.columns)) == (10, 52)
    assert not any(row.problem for row in table.rows())


@pytest.mark.parametrize(("delimiter", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_each_common_separator_is_told_from_the_content(delimiter, word):
    table = read(
        delimiter.join(["Name", "PLZ", "Ort"]).encode() + b"\n" + delimiter.join(["Haus", "01067", "Dresden"]).encode(),
        "a",
    )
    assert (table.delimiter, labels(table), cells(table)) == (
        word,
        ["Name", "PLZ", "Ort"],
        [("Haus", "01067", "Dresden")],
    )


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16"), ("latin-1", "cp1252")],
)
def test_each_common_encoding_is_told_from_the_content(encoding, told):
    table = read("Straße;Ort\nMünchner Straße 1;Köln\n".encode(encoding), "a.csv")
    assert (table.encoding, labels(table), cells(table)) == (told, ["Straße", "Ort"], [("Münchner Straße 1", "Köln")])


def test_the_hint_line_of_excel_is_not_a_row():
    table = read(b"sep=;\r\nName;City\r\nA, B;Rome\r\n", "a.csv")
    assert (labels(table), cells(table), table.header_row) == (["Name", "City"], [("A, B", "Rome")], 2)


def test_titles_above_the_header_are_skipped_and_row_numbers_stay_those_of_the_file():
    table = read(b"Report of sites\n\nName,City,State\n\nA,Rome,GA\nB,Troy,NY\n", "a.csv")
    assert (table.header_row, [row.number for row in table.rows()]) == (3, [5, 6])


def test_quoted_line_breaks_and_separators_stay_inside_their_cell():
    table = read(b'Name,City\n"Clinic, North\nWing","Rome"\nB,Troy\n', "a.csv")
    assert cells(table) == [("Clinic, North\nWing", "Rome"), ("B", "Troy")]
    assert [row.number for row in table.rows()] == [2, 3]


def test_blank_and_repeated_headers_get_labels_of_their_own():
    table = read(b"Name,,Phone,phone,Name\nA,1,2,3,4\n", "a.csv")
    assert labels(table) == ["Name", "Column 2", "Phone", "phone (2)", "Name (2)"]


def test_a_file_without_a_header_is_read_from_its_first_row():
    table = read(
        b"A81001,THE SURGERY,LAWSON STREET,TS18 1HU,01642 672351\nA81002,QUEENS,FARRER STREET,TS18 2AW,01642 679681\n",
        "gp.csv",
    )
    assert (table.header_row, table.row_count, labels(table)[0]) == (0, 2, "Column 1")


def test_a_row_with_too_many_cells_says_so_and_the_rest_is_read():
    rows = list(read(b"Name,City\nA,B,C\nD,E\n", "a.csv").rows())
    assert "3 cells and the header 2" in rows[0].problem
    assert (rows[1].values, rows[1].problem) == (("D", "E"), "")


def test_a_short_row_is_filled_with_blanks():
    assert cells(read(b"Name,City,State\nA\n", "a.csv")) == [("A", "", "")]


def test_sloppy_quotation_marks_are_read_and_noted():
    table = read(b'Name,City\n"Joe" Clinic,Rome\nB,Troy\n', "a.csv")
    assert (table.row_count, len(table.notes)) == (2, 1)


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_row():
    with pytest.raises(UnreadableRosterError, match=r"a\.csv, row 3: a quotation mark"):
        read(b'Name,City\nA,Rome\n"B,Troy\nC,Ithaca\n', "a.csv")


def test_reading_can_go_on_after_a_row():
    table = read(b"Name\nA\nB\nC\n", "a.csv")
    assert [row.values[0] for row in table.rows(after=2)] == ["B", "C"]


def test_a_workbook_gives_numbers_as_text_and_dates_as_dates():
    content = workbook([["Name", "ZIP", "Since", "Lat", "Open"], ["A", 6708.0, date(2024, 5, 1), 41.5613412, True]])
    table = read(content, "sites.xlsx")
    assert (table.kind, table.sheet) == ("xlsx", "Sites")
    assert cells(table) == [("A", "6708", "2024-05-01", "41.5613412", "TRUE")]


def test_blank_rows_of_a_workbook_keep_their_numbers():
    table = read(workbook([["Name", "City"], [], ["A", "Rome"], [None, " "], ["B", "Troy"], [], []]), "sites.xlsx")
    assert [(row.number, row.values[0]) for row in table.rows()] == [(3, "A"), (5, "B")]


def test_a_named_sheet_is_read_and_an_unknown_one_refused():
    content = workbook([["Name"], ["A"]], extra_sheet="More")
    assert cells(read(content, "s.xlsx", sheet="More")) == [("a", "b")]
    with pytest.raises(UnreadableRosterError, match=r"no sheet “Nope”\. Its sheets: Sites, More"):
        read(content, "s.xlsx", sheet="Nope")


def test_a_workbook_is_told_by_its_content_whatever_its_name():
    assert read(workbook([["Name", "City"], ["A", "Rome"]]), "sites.csv").kind == "xlsx"


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "limits", "message"),
    [
        (b"", Limits(), "is empty"),
        (b"Name\nA\n", Limits(size=4), "at most 4 are allowed"),
        (b"Name\nA\nB\nC\n", Limits(rows=2), "more than 2 rows"),
        (b"Name,City\n", Limits(), "no rows below it"),
        (b"\n\n", Limits(), "has no rows"),
        (b"a,b,c\n1x,y,z\n", Limits(columns=2), "has 3 columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Limits(), "old Excel workbook"),
        (b"%PDF-1.7", Limits(), "is a PDF"),
        (b"Name\x00\x01\x02", Limits(), "neither a text table"),
        (b"PK\x03\x04junk", Limits(), "damaged workbook"),
        (bomb(), Limits(unpacked=10_000_000), "unpacks to 50,0"),
        (bomb(), Limits(), "a row with more in it than a sheet has columns for"),
    ],
)
def test_what_is_no_roster_is_refused_with_the_files_name_and_the_reason(content, limits, message):
    with pytest.raises(UnreadableRosterError, match=message) as refused:
        read(content, "file.csv", limits=limits)
    assert "file.csv" in str(refused.value)
