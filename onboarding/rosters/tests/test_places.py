"""Counties are matched as written or after normalizing, and otherwise shown, never guessed."""

from collections import Counter
from decimal import Decimal

import pytest

from onboarding.rosters.mapping import check, pick, suggest
from onboarding.rosters.places import Matched
from onboarding.rosters.reading import read
from onboarding.rosters.tests.rosters import counties, facilities
from onboarding.rosters.time_zones import guess


def test_the_counties_of_the_facility_roster_match_as_often_as_is_known():
    table = read(facilities(), "facilities.csv")
    columns = check(table, suggest(table).as_mapping())
    how, unmatched = Counter(), Counter()
    for source in table.rows():
        row = pick(source, columns)
        match = counties().match(row["state"], row["county"])
        how[match.how] += 1
        if match.county is None:
            unmatched[row["state"] if row["county"] else "blank"] += 1
    assert how == {Matched.WRITTEN: 10590, Matched.NORMALIZED: 464, Matched.NONE: 321}
    assert unmatched == {"CT": 210, "PR": 68, "AK": 34, "blank": 9}


@pytest.mark.parametrize(
    ("state", "written", "found"),
    [
        ("MO", "Saint Louis", "St. Louis County"),
        ("MO", "Saint Louis City", "St. Louis City"),
        ("MO", "ST LOUIS", "St. Louis County"),
        ("NM", "Dona Ana", "Doña Ana County"),
        ("AL", "De Kalb", "DeKalb County"),
        ("IL", "La Salle", "LaSalle County"),
        ("LA", "La Salle", "LaSalle Parish"),
        ("MD", "Prince Georges", "Prince George's County"),
        ("AK", "Matanuska Susitna", "Matanuska-Susitna Borough"),
        ("AK", "Juneau", "Juneau City and Borough"),
        ("VA", "Salem", "Salem City"),
        ("VA", "Bedford City", "Bedford County"),
    ],
)
def test_another_spelling_of_a_county_is_recognized(state, written, found):
    match = counties().match(state, written)
    assert (match.how, match.county.name) == (Matched.NORMALIZED, found)


@pytest.mark.parametrize(
    ("state", "written", "candidates"),
    [
        ("IA", "Iowa City", ["Iowa County"]),
        ("TN", "Johnson City", ["Johnson County"]),
        ("AK", "Bethel", ["Bethel Census Area"]),
        ("CT", "New Haven", []),
        ("TX", "Harriss", []),
        ("", "Harris", []),
        ("WY", "", []),
    ],
)
def test_what_is_not_certain_is_left_unmatched_with_what_a_person_may_choose(state, written, candidates):
    match = counties().match(state, written)
    assert (match.how, match.county, [county.name for county in match.candidates]) == (Matched.NONE, None, candidates)
    assert match.note


def test_a_county_that_shares_its_name_with_a_city_says_so():
    match = counties().match("VA", "Fairfax")
    assert (match.county.name, match.note) == (
        "Fairfax County",
        "“Fairfax” was read as Fairfax County; there is also Fairfax City.",
    )


def test_a_county_code_goes_before_the_name():
    match = counties().match("CA", "Sonoma County", "06097")
    assert (match.how, match.county.name) == (Matched.FIPS, "Sonoma County")
    assert counties().match("CT", "New Haven", "09009").how == Matched.NONE


@pytest.mark.parametrize(
    ("place", "zone", "reason"),
    [
        ({"state": "CT"}, "America/New_York", "guessed from the state"),
        ({"state": "TX", "county": "El Paso"}, "America/Denver", "guessed from the county"),
        ({"state": "TX", "county": "Harris County"}, "America/Chicago", "guessed from the county"),
        ({"state": "TN", "county": "Knox"}, "America/New_York", "guessed from the county"),
        ({"state": "FL", "longitude": Decimal("-87.2")}, "America/Chicago", "guessed from the coordinates"),
        (
            {"state": "FL", "county": "Gulf", "longitude": Decimal("-85.3")},
            "America/Chicago",
            "guessed from the coordinates",
        ),
        (
            {"state": "ID", "latitude": Decimal("47.7"), "longitude": Decimal("-116.8")},
            "America/Los_Angeles",
            "guessed from the coordinates",
        ),
        ({"state": "OR", "county": "Malheur"}, "America/Boise", "guessed from the county"),
        ({"state": "AK", "longitude": Decimal("-176.6")}, "America/Adak", "guessed from the coordinates"),
        ({"state": "KY"}, "America/Kentucky/Louisville", "guessed from the state, which has two time zones"),
        ({"state": "AZ"}, "America/Phoenix", "guessed from the state"),
        ({"country": "DE"}, "Europe/Berlin", "guessed from the country"),
        ({"country": "BR"}, "", "no time zone can be guessed for this country"),
        ({}, "", "no time zone can be guessed without a state"),
    ],
)
def test_a_time_zone_is_guessed_and_says_from_what(place, zone, reason):
    found = guess(**place)
    assert (found.zone, found.reason) == (zone, reason)


def test_every_zone_exists():
    from zoneinfo import ZoneInfo

    from onboarding.rosters import time_zones

    zones = {
        *time_zones.STATES.values(),
        *time_zones.countries().values(),
        *(zone for zones in time_zones.PROVINCES.values() for zone in zones.values()),
        *(split.zone for split in time_zones.SPLITS.values()),
    }
    assert all(ZoneInfo(zone) for zone in zones)


def test_every_county_of_a_second_zone_is_in_the_index():
    from onboarding.rosters import time_zones

    named = {
        (county.state, county.name.removesuffix(" County").replace(" ", "").casefold())
        for county in counties()._by_fips.values()
    }
    missing = {(state, name) for state, split in time_zones.SPLITS.items() for name in split.counties} - named
    assert missing == {("SD", "shannon")}  # the former name of Oglala Lakota
