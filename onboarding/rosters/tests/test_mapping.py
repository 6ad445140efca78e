"""Columns are suggested from their names and what they hold; nothing is taken twice and no elected person comes in."""

import pytest

from onboarding.rosters.mapping import UnusableMappingError, check, keep, pick, suggest
from onboarding.rosters.reading import read
from onboarding.rosters.tests.rosters import facilities, health_centers


def suggested(content, name="a.csv"):
    return suggest(read(content, name)).as_mapping()


def test_the_columns_of_the_facility_roster_are_found():
    assert suggested(facilities()) == {
        "name": "name1", "name_2": "name2", "street": "street1", "street_2": "street2", "city": "city", "state": "state",
        "postal_code": "zip", "zip_4": "zip4", "county": "county", "phone": "phone", "website": "website",
        "latitude": "latitude", "longitude": "longitude", "kind": "type_facility",
    }  # fmt: skip


def test_the_columns_of_the_health_center_roster_are_found_and_the_head_office_is_not_mistaken_for_the_site():
    assert suggested(health_centers()) == {
        "name": "Site Name", "street": "Site Address", "city": "Site City", "state": "Site State Abbreviation",
        "postal_code": "Site Postal Code", "county": "Complete County Name",
        "county_fips": "State and County Federal Information Processing Standard Code",
        "phone": "Site Telephone Number", "website": "Site Web Address",
        "latitude": "Geocoding Artifact Address Primary Y Coordinate",
        "longitude": "Geocoding Artifact Address Primary X Coordinate",
        "kind": "Health Center Type", "source_id": "BPHC Assigned Number", "status": "Site Status Description",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "Einrichtung;Straße;PLZ;Ort;Bundesland;Telefon\nTagesklinik Süd;Hauptstr. 5;01067;Dresden;Sachsen;0351 123456\n",
            {"name": "Einrichtung", "street": "Straße", "postal_code": "PLZ", "city": "Ort", "state": "Bundesland", "phone": "Telefon"},
        ),
        (
            "Nombre del centro;Dirección;Código postal;Municipio;Provincia\nCentro Uno;Calle Mayor 5;08001;Barcelona;Barcelona\n",
            {"name": "Nombre del centro", "street": "Dirección", "postal_code": "Código postal", "city": "Municipio", "state": "Provincia"},
        ),
        (
            "Organisation Code,Organisation Name,Address Line 1,Town,Postcode,Status Code\nRX1,Site,1 High St,Leeds,LS1 4AP,A\n",
            {"source_id": "Organisation Code", "name": "Organisation Name", "street": "Address Line 1", "city": "Town",
             "postal_code": "Postcode", "status": "Status Code"},
        ),
        (
            "Facility ID,Facility Name,Address,City/Town,State,ZIP Code,County/Parish,Telephone Number\n010001,SOUTHEAST HEALTH,1108 ROSS CLARK CIRCLE,DOTHAN,AL,36301,HOUSTON,(334) 793-8701\n",
            {"source_id": "Facility ID", "name": "Facility Name", "street": "Address", "city": "City/Town", "state": "State",
             "postal_code": "ZIP Code", "county": "County/Parish", "phone": "Telephone Number"},
        ),
    ],
    ids=["german", "spanish", "english", "hospitals"],
)  # fmt: skip
def test_rosters_of_other_countries_and_sources_are_understood(content, expected):
    assert suggested(content.encode()) == expected


def test_the_practice_address_is_chosen_over_the_mailing_address():
    content = (
        b"Provider Organization Name (Legal Business Name),Provider First Line Business Mailing Address,"
        b"Provider First Line Business Practice Location Address\nCLINIC LLC,PO BOX 5,12 Main St\n"
    )
    assert suggested(content)["street"] == "Provider First Line Business Practice Location Address"


def test_a_column_without_a_name_is_suggested_only_by_unmistakable_contents():
    content = b"Name,Town,Note,,,\nA,Leeds,n,203-555-0100,19740401,LS1 4AP\nB,York,n,203-555-0101,19740402,LS1 4AQ\nC,Hull,n,203-555-0102,19740403,LS2 4AP\n"
    suggestions = suggest(read(content, "a.csv"))
    assert suggestions.as_mapping() == {"name": "Name", "city": "Town", "phone": "Column 4", "postal_code": "Column 6"}
    assert {suggestion.field: suggestion.word for suggestion in suggestions.chosen}["phone"] == "possible"


def test_two_columns_that_fit_one_field_are_shown_as_rivals():
    suggestions = suggest(read(b"Site Name,ZIP,Postal code\nA,06708,06708\n", "a.csv"))
    postal = next(suggestion for suggestion in suggestions.chosen if suggestion.field == "postal_code")
    assert (postal.column.label, [rival.label for rival in postal.rivals]) == ("ZIP", ["Postal code"])
    assert [column.label for column in suggestions.unused] == ["Postal code"]


ELECTED = b"Site Name,U.S. Congressional Representative Name,Name of U.S. Senator Number One,Mayor\nA,Person One,Person Two,Person Three\n"


def test_columns_that_name_elected_persons_are_listed_and_never_kept():
    table = read(ELECTED, "a.csv")
    suggestions = suggest(table)
    assert [column.label for column in suggestions.refused] == [
        "U.S. Congressional Representative Name", "Name of U.S. Senator Number One", "Mayor",
    ]  # fmt: skip
    assert suggestions.as_mapping() == {"name": "Site Name"}
    assert keep(table, table.sample()[0]) == {"Site Name": "A"}


def test_a_mapping_is_turned_into_columns():
    table = read(b"Site Name,ZIP\nA,NA\n", "a.csv")
    columns = check(table, {"name": "Site Name", "postal_code": "ZIP", "city": ""})
    assert columns == {"name": 0, "postal_code": 1}
    assert pick(table.sample()[0], columns) == {"name": "A", "postal_code": ""}


def test_everything_wrong_with_a_mapping_is_said_at_once():
    table = read(ELECTED, "a.csv")
    with pytest.raises(UnusableMappingError) as refused:
        check(
            table,
            {"street": "Site Name", "city": "Site Name", "county": "Mayor", "phone": "Tel", "shoe_size": "Site Name"},
        )
    assert refused.value.problems == (
        "“Mayor” names elected persons and is not imported.",
        "a.csv has no column “Tel”.",
        "There is no field “shoe_size”.",
        "“Site Name” is given to Street and City; a column fills one field.",
        "Name needs a column.",
    )
