"""Files as they really come: other encodings, other programs, other countries, and some that are none."""

import gzip
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from onboarding.rosters.mapping import check, pick, suggest
from onboarding.rosters.reading import UnreadableRosterError, read
from onboarding.rosters.repair import repair
from onboarding.rosters.time_zones import guess
from onboarding.rosters.vocabulary import COUNTRIES, country_code
from tenancy.models import Site

TABLE = "Name,Street,City,State,ZIP\nNorth,1 Main St,Waterbury,CT,06708\nSouth,2 Main St,Waterbury,CT,06708\n"
ROWS = [["Name", "City"], ["North", "Rome"], ["South", "Troy"]]


def book(*sheets, hidden=()):
    """A workbook of (title, rows), some of them hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def first(content):
    """The first row after mapping and repair."""
    table = read(content, "sites.csv")
    columns = check(table, suggest(table).as_mapping())
    return repair(pick(table.sample(1)[0], columns))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-16"])
def test_wide_encodings_are_told_with_and_without_a_mark(encoding):
    table = read(TABLE.encode(encoding), "sites.csv")
    assert (table.row_count, table.sample(1)[0].values[0]) == (2, "North")


def test_line_ends_of_old_macintoshes_are_line_ends():
    assert read(TABLE.replace("\n", "\r").encode(), "sites.csv").row_count == 2


def test_zero_characters_are_taken_out_with_a_word():
    table = read(b"Name,City\nNo\x00rth,Rome\n" + b"South,Troy\n" * 40, "sites.csv")
    assert table.sample(1)[0].values == ("North", "Rome")
    assert table.notes == ("Zero characters were taken out of the file.",)


@pytest.mark.parametrize(
    ("sheets", "hidden", "chosen", "said"),
    [
        ([("Lookup", [["a", "b"], ["c", "d"]]), ("Sites", ROWS)], ["Lookup"], "Sites", "“Lookup” (hidden)"),
        ([("Read me", [["All our sites"], ["See the next sheet"]]), ("Sites", ROWS)], [], "Sites", "“Read me”"),
        ([("Empty", []), ("Sites", ROWS)], [], "Sites", "“Empty”"),
        ([("Sites", ROWS), ("Old", ROWS)], [], "Sites", "“Old”"),
    ],
)
def test_the_sheet_that_holds_the_table_is_read_and_the_others_are_named(sheets, hidden, chosen, said):
    table = read(book(*sheets, hidden=hidden), "sites.xlsx")
    assert (table.sheet, table.row_count) == (chosen, 2)
    assert said in table.notes[0]


def test_a_title_and_a_row_of_merged_groups_above_the_header_are_skipped():
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (
        ["Sites of 2026"],
        ["Site", "", "Address"],
        ["Name", "Kind", "City", "ZIP"],
        ["North", "FQHC", "Rome", 30161.0],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:B2")
    sheet.merge_cells("C2:D2")
    out = io.BytesIO()
    made.save(out)
    table = read(out.getvalue(), "sites.xlsx")
    assert [column.label for column in table.columns] == ["Name", "Kind", "City", "ZIP"]
    assert table.sample()[0].values == ("North", "FQHC", "Rome", "30161")


def test_formulas_without_a_stored_value_are_said():
    table = read(book(("Sites", [["Name", "City"], ['="North"', "Rome"], ["South", "Troy"]])), "sites.xlsx")
    assert any("formulas whose value was never stored" in note for note in table.notes)


def test_errors_of_a_spreadsheet_and_lost_digits_are_left_out_with_a_word():
    row = repair({"name": "North", "city": "#REF!", "source_id": "1.23457E+09", "state": "NY"})
    assert (row.get("city"), row.get("source_id"), row.errors) == ("", "", [])
    assert [(one.field, one.before) for one in row.repairs] == [("city", "#REF!"), ("source_id", "1.23457E+09")]


def test_dates_of_excel_come_out_as_dates():
    table = read(book(("S", [["Name", "Opened"], ["North", datetime(2024, 5, 1)]])), "s.xlsx")  # noqa: DTZ001
    assert table.sample()[0].values == ("North", "2024-05-01")


def archive(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, "x")
    return out.getvalue()


def stretched(reference):
    """A workbook whose one cell claims to stand far away."""
    made = io.BytesIO(book(("S", [["Name"], ["North"]])))
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                row = "".join(char for char in reference if char.isdigit())
                cell = f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
                content = content.replace(b"</sheetData>", cell.encode())
            target.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><table><tr><td>Name</td></tr></table></html>", "is a web page"),
        (b'<?xml version="1.0"?><sites/>', "is XML"),
        (b'[{"name": "North"}]', "is JSON"),
        (gzip.compress(TABLE.encode(), mtime=0), "is packed"),
        (archive("content.xml"), "OpenDocument"),
        (archive("xl/workbook.bin"), "binary Excel workbook"),
        (archive("word/document.xml"), "without a workbook"),
        ("名前,都市\n大阪,大阪\n".encode("cp932"), "encoding that cannot be told"),
        (book(("S", [["Name"] * 500, ["x"] * 500])), "has 500 columns"),
        (stretched("A999999999"), "beyond the end of any sheet"),
        (stretched("XFD3"), "16,384 columns in row 3"),
    ],
)
def test_what_is_no_roster_is_named_for_what_it_is(content, says):
    with pytest.raises(UnreadableRosterError, match=says):
        read(content, "sites.csv")


@pytest.mark.parametrize(
    ("text", "country", "region", "postal_code", "zone"),
    [
        ("Organisation Name,Town,County,Postcode,Country\nThe Surgery,Leeds,West Yorkshire,LS1 4AP,England\n", "GB", "", "LS1 4AP", "Europe/London"),
        ("Nom;Ville;Province;Code postal;Pays\nClinique;Montréal;Québec;H2Y 1C6;Canada\n", "CA", "Québec", "H2Y 1C6", "America/Toronto"),
        ("Name,Suburb,State,Postcode,Country\nNorth,Darwin,NT,0800,Australia\n", "AU", "NT", "0800", "Australia/Darwin"),
        ("Einrichtung;PLZ;Ort;Bundesland;Land\nKlinik;01067;Dresden;Sachsen;Deutschland\n", "DE", "Sachsen", "01067", "Europe/Berlin"),
        ("Hospital Name,City,State,Pincode,Country\nApollo,Chennai,Tamil Nadu,600001,India\n", "IN", "Tamil Nadu", "600001", "Asia/Kolkata"),
        ("Nombre;Municipio;Estado;C.P.;País\nCentro;Puebla;Puebla;01000;México\n", "MX", "Puebla", "01000", ""),
        ("Nome;Cidade;UF;CEP;País\nClínica;São Paulo;SP;01310-100;Brasil\n", "BR", "SP", "01310-100", ""),
        ("Name,City,Country\n서울 병원,서울,South Korea\n", "KR", "", "", "Asia/Seoul"),
        ("Name,City,Country\nمستشفى الشمال,القاهرة,مصر\n", "EG", "", "", "Africa/Cairo"),
    ],
)  # fmt: skip
def test_places_of_other_countries_keep_their_words_and_codes(text, country, region, postal_code, zone):
    row = first(text.encode())
    assert (row.errors, row.get("country"), row.get("state"), row.get("postal_code")) == (
        [],
        country,
        region,
        postal_code,
    )
    assert guess(country=row.get("country"), state=row.get("state")).zone == zone


def test_every_country_is_known_by_its_codes_and_english_name():
    assert len(COUNTRIES) > 240
    assert {
        code for code, name in COUNTRIES.items() if country_code(name) != code or country_code(code) != code
    } == set()
    assert [country_code(word) for word in ("USA", "GBR", "Türkiye", "Turkey", "Frankreich", "Atlantis")] == [
        "US", "GB", "TR", "TR", "FR", "",
    ]  # fmt: skip


def test_the_same_file_again_is_said_and_adds_nothing(at_host, reference, imported):
    content = b"Name,Street,ZIP,State\nNorth,1 Main St,06708,CT\n"
    imported(content)
    again = imported(content)
    assert "The same file was uploaded on" in again.notes[0]
    assert (again.counts["unchanged"], Site.objects.count()) == (1, 1)


def test_a_formula_in_a_cell_is_kept_as_text_escaped_on_the_page_and_harmless_in_the_table(world, client_of, reference):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = client_of(world.manager)
    content = b'Name,City,State\n"=HYPERLINK(""http://x"",""y"")",Rome,XX\n<script>alert(1)</script>,Rome,GA\n'
    made = client.post("/o/host/imports/upload", {"file": SimpleUploadedFile("s.csv", content), "country": "US"})
    place = made["Location"].removesuffix("columns")
    client.post(made["Location"], {"name": "Name", "city": "City", "state": "State"})
    shown = client.get(place).content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    table = client.get(f"{place}rows.csv").content.decode("utf-8-sig")
    assert not [
        line for line in table.splitlines() if any(cell.lstrip('"')[:1] in ("=", "@") for cell in line.split(","))
    ]
