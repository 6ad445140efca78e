"""What can be repaired is repaired with a word on it; what cannot refuses the row and names the cell."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.rosters.fields import FIELDS
from onboarding.rosters.mapping import check, pick, suggest
from onboarding.rosters.reading import read
from onboarding.rosters.repair import loose_key, repair, repeat_key
from onboarding.rosters.tests.rosters import facilities, health_centers


def fixed(**values):
    return repair({"name": "Clinic", **values})


def after(row):
    return {message.field: message.after for message in row.repairs}


@pytest.mark.parametrize(
    ("state", "written", "whole"),
    [("CT", "6708", "06708"), ("MA", "1742", "01742"), ("PR", "641", "00641"), ("NJ", "8701.0", "08701"), ("VI", "802", "00802"),
     ("Vermont", "5047", "05047")],
)  # fmt: skip
def test_a_zip_gets_its_lost_zeros_back_where_the_state_bears_it_out(state, written, whole):
    row = fixed(state=state, postal_code=written)
    assert (row.get("postal_code"), row.errors) == (whole, [])
    assert "lost" in row.repairs[-1].reason


@pytest.mark.parametrize(
    ("state", "written", "reason"),
    [("TX", "6708", "none in TX begins with 067"), ("", "6708", "without a state"), ("CT", "67", "five digits"), ("CT", "ABC", "five digits"),
     ("NJ", "123456", "five digits")],
)  # fmt: skip
def test_a_zip_that_nothing_bears_out_refuses_the_row_and_stays_as_written(state, written, reason):
    row = fixed(state=state, postal_code=written)
    assert (row.get("postal_code"), row.repairs, len(row.errors)) == (written, [], 1)
    assert (row.errors[0].field, row.errors[0].before) == ("postal_code", written)
    assert reason in row.errors[0].reason


@pytest.mark.parametrize(
    ("written", "five", "four"),
    [
        ("94952-3388", "94952", "3388"),
        ("949523388", "94952", "3388"),
        ("94952-0000", "94952", ""),
        ("94952-", "94952", ""),
    ],
)
def test_a_zip_plus_four_is_split(written, five, four):
    row = fixed(state="CA", postal_code=written)
    assert (row.get("postal_code"), row.get("zip_4"), row.errors) == (five, four, [])


def test_a_run_together_zip_plus_four_gets_its_lost_zero_back():
    row = fixed(state="CT", postal_code="67082460")
    assert (row.get("postal_code"), row.get("zip_4")) == ("06708", "2460")


def test_the_plus_four_gets_its_zeros_back_or_is_left_out():
    assert fixed(zip_4="920").get("zip_4") == "0920"
    assert after(fixed(zip_4="9A")) == {"zip_4": ""}


@pytest.mark.parametrize(
    ("state", "written", "kept"),
    [("AL", "1001", "01001"), ("", "1001", "01001"), ("CT", "9", "09009"), ("AL", "01001.0", "01001"), ("TX", "01001", ""), ("AL", "x", ""),
     ("", "99001", "")],
)  # fmt: skip
def test_a_county_code_gets_its_zeros_back_and_one_of_another_state_is_left_out(state, written, kept):
    row = fixed(state=state, county_fips=written)
    assert (row.get("county_fips"), len(row.repairs), row.errors) == (kept, 1, [])


@pytest.mark.parametrize(
    ("written", "code"), [("california", "CA"), ("ny", "NY"), ("D.C.", "DC"), ("PUERTO RICO", "PR")]
)
def test_a_state_gets_its_code(written, code):
    assert fixed(state=written).get("state") == code


def test_an_unknown_state_refuses_the_row():
    assert [message.field for message in fixed(state="Ontario").errors] == ["state"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("(203) 555-0100", "203-555-0100"), ("+1 203.555.0100 ext. 12", "203-555-0100 x12"), ("2035550100", "203-555-0100"),
     ("203-555-0100", "203-555-0100"), ("call us", ""), ("2035550100.0", "203-555-0100"), ("555-0100", "555-0100")],
)  # fmt: skip
def test_a_telephone_number_is_written_one_way(written, kept):
    assert fixed(phone=written).get("phone") == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [("www.clinic.example", "http://www.clinic.example"), ("https://clinic.example/a?b=1", "https://clinic.example/a?b=1"), ("http://", ""),
     ("javascript:alert(1)", ""), ("data:text/html.x", ""), ("none given", ""), ("https://user:pw@clinic.example", "")],
)  # fmt: skip
def test_a_website_gets_its_beginning_and_nothing_else_than_a_page_is_kept(written, kept):
    assert fixed(website=written).get("website") == kept


def test_coordinates_in_the_wrong_places_are_swapped_and_impossible_ones_refuse_the_row():
    row = fixed(latitude="-73.06", longitude="41.56")
    assert (row.get("latitude"), row.get("longitude"), len(row.repairs)) == ("41.56", "-73.06", 2)
    assert fixed(latitude="41,5", longitude="-73,25").get("latitude") == "41.5"
    assert after(fixed(latitude="0", longitude="0")) == {"latitude": "", "longitude": ""}
    assert [message.field for message in fixed(latitude="95", longitude="200").errors] == ["latitude", "longitude"]
    assert [message.field for message in fixed(latitude="north").errors] == ["latitude"]


def test_other_countries_keep_their_postal_codes_and_regions():
    row = fixed(country="Deutschland", state="Sachsen", postal_code="01067", phone="0351 123456")
    assert (row.get("country"), row.get("state"), row.get("postal_code"), row.errors) == ("DE", "Sachsen", "01067", [])


def test_the_country_meant_where_the_row_names_none_is_used():
    row = repair({"name": "Surgery", "postal_code": "LS1 4AP", "state": "Yorkshire"}, country="GB")
    assert (row.get("country"), row.errors) == ("GB", [])


def test_names_are_tidied_and_never_recased():
    row = repair({"name": " NAMI \u200bof   WATERBURY "})
    assert row.get("name") == "NAMI of WATERBURY"
    capitals = repair({"name": "NAMI OF WATERBURY"})
    assert (capitals.get("name"), [message.reason for message in capitals.notices]) == (
        "NAMI OF WATERBURY",
        ["written in capitals; kept as written"],
    )


@pytest.mark.parametrize("name", ["", "  ", "***", "x" * 161])
def test_a_site_without_a_usable_name_is_refused(name):
    assert [message.field for message in repair({"name": name}).errors] == ["name"]


def test_kinds_and_states_of_business_are_read_into_our_words_and_the_source_word_is_kept():
    row = fixed(kind="Federally Qualified Health Center (FQHC)", status="Closed")
    assert (row.get("kind"), row.get("kind_written"), row.get("status")) == (
        "fqhc",
        "Federally Qualified Health Center (FQHC)",
        "inactive",
    )
    assert fixed(kind="Lighthouse").get("kind") == ""


def repaired(content):
    table = read(content, "roster.csv")
    columns = check(table, suggest(table).as_mapping())
    return [(pick(row, columns), repair(pick(row, columns))) for row in table.rows()]


@pytest.fixture(scope="module")
def facility_rows():
    return repaired(facilities())


def test_the_facility_roster_is_repaired_without_refusing_a_row(facility_rows):
    assert sum(bool(row.errors) for _, row in facility_rows) == 0
    zips = Counter(
        row.get("state") for _, row in facility_rows for message in row.repairs if message.field == "postal_code"
    )
    assert zips == {"NJ": 279, "MA": 266, "CT": 210, "ME": 147, "PR": 68, "NH": 56, "VT": 50, "RI": 48}
    assert zips.total() == 1124
    assert all(len(row.get("postal_code")) == 5 for _, row in facility_rows)


def test_the_facility_roster_repeats_506_sites_as_written_and_nine_more_once_spaces_are_repaired(facility_rows):
    def repeats(keys):
        return sum(times - 1 for times in Counter(keys).values())

    assert repeats(repeat_key(written) for written, _ in facility_rows) == 506
    assert repeats(repeat_key(row.values) for _, row in facility_rows) == 515
    assert repeats(loose_key(row.values) for _, row in facility_rows) == 517


def test_the_health_center_roster_is_repaired_without_refusing_a_row():
    rows = repaired(health_centers())
    assert [row.errors for _, row in rows] == [[]] * 10
    assert (rows[0][1].get("name"), rows[0][1].get("postal_code"), rows[0][1].get("zip_4")) == (
        "Mary Isaak Homeless Shelter Clinic",
        "94952",
        "3388",
    )


odd = st.one_of(
    st.text(max_size=30),
    st.builds(
        lambda number, end: f"{number}{end}",
        st.integers(0, 10**10),
        st.sampled_from(["", ".0", "-", "-12", "-0000", ",5"]),
    ),
    st.decimals(-200, 200, places=4).map(str),
    st.sampled_from(
        [
            "CT",
            "Puerto Rico",
            "www.a.b",
            "http:a.b",
            "https:/a.b",
            "+1 (203) 555-0100 x1",
            "USA",
            "GB",
            "Active",
            "MH",
            "0",
            "1.0.0",
        ]
    ),
)


@given(st.dictionaries(st.sampled_from([field.key for field in FIELDS]), odd))
def test_repairing_a_repaired_row_changes_nothing(values):
    once = repair(values)
    twice = repair(once.values)
    assert (twice.values, twice.repairs) == (once.values, [])
    assert [message.field for message in twice.errors] == [message.field for message in once.errors]


@given(st.dictionaries(st.sampled_from([field.key for field in FIELDS]), odd))
def test_every_change_to_a_cell_has_a_word_on_it(values):
    row = repair(values)
    translated = {"kind", "kind_written", "status", "country"}
    changed = {key for key in row.values if row.values[key] != values.get(key, "")} - translated
    assert changed <= {message.field for message in row.repairs}
