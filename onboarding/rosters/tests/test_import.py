"""A roster comes in as it is, whole, once, and resumes where it stopped."""

from decimal import Decimal

import pytest

from audit.models import Event
from onboarding.rosters.actions.advance import advance_import, advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.mapping import UnusableMappingError
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.models.roster_import import WrongMomentError
from onboarding.rosters.reading import UnreadableRosterError
from onboarding.rosters.tests.conftest import finish
from onboarding.rosters.tests.rosters import facilities, health_centers, workbook
from tenancy.models import Site

SMALL = b"Name,Street,ZIP,State,County\nNorth,1 Main St,6708,CT,New Haven\nSouth,2 Main St,36067,AL,Autauga\nNorth,1 Main St,6708,CT,New Haven\n,3 Main St,1,CT,\n"


def outcomes(roster):
    return [row.outcome for row in RosterRow.objects.in_roster(roster)]


def actions():
    return list(
        Event.objects.filter(subject_type="rosters.rosterimport").order_by("id").values_list("action", flat=True)
    )


def test_a_file_is_kept_with_its_suggested_mapping_and_no_site_is_made(at_host, actor):
    roster = upload_roster(SMALL, "C:\\lists\\sites.csv", by=actor)
    assert (roster.file_name, roster.state, roster.row_count) == ("sites.csv", "uploaded", 4)
    assert roster.mapping == {
        "name": "Name",
        "street": "Street",
        "state": "State",
        "postal_code": "ZIP",
        "county": "County",
    }
    assert RosterRow.objects.in_roster(roster)[0].raw == {"cells": ["North", "1 Main St", "6708", "CT", "New Haven"]}
    assert (Site.objects.count(), actions()) == (0, ["roster_import.uploaded"])


def test_an_unreadable_file_leaves_nothing_behind(at_host, actor):
    with pytest.raises(UnreadableRosterError):
        upload_roster(b"%PDF-1.4", "sites.pdf", by=actor)
    assert (RosterImport.objects.count(), Event.objects.filter(action="roster_import.uploaded").count()) == (0, 0)


def test_cells_that_name_elected_persons_are_never_stored(at_host, actor):
    roster = upload_roster(b"Name,Name of U.S. Senator Number One\nA,Person One\n", "sites.csv", by=actor)
    assert roster.refused_columns == ["Name of U.S. Senator Number One"]
    assert [row.raw["cells"] for row in RosterRow.objects.in_roster(roster)] == [["A"]]
    with pytest.raises(UnusableMappingError, match="elected"):
        roster.map_columns({"name": "Name of U.S. Senator Number One"}, by=actor)
    roster.refresh_from_db()
    assert roster.state == "uploaded"


def test_the_preview_says_what_each_row_would_do_and_writes_no_site(at_host, reference, previewed):
    roster = previewed(SMALL)
    assert (roster.state, outcomes(roster)) == ("previewed", ["created", "created", "repeated", "refused"])
    first, second, third, fourth = RosterRow.objects.in_roster(roster)
    assert first.said("repair") == [
        {
            "level": "repair",
            "field": "postal_code",
            "before": "6708",
            "after": "06708",
            "reason": "a leading zero was lost: ZIPs in CT begin so",
        }
    ]
    assert [message["reason"] for message in third.said("notice")][
        -1
    ] == "the same name, street and postal code as row 2"
    assert [message["field"] for message in fourth.said("error")] == ["postal_code", "name"]
    assert second.values["svi_percentile"]
    assert Site.objects.count() == 0


def test_an_imported_site_has_its_profile(at_host, reference, imported):
    imported(SMALL)
    site = Site.objects.get(name="South")
    assert (site.region, site.county_fips, site.place_match) == ("AL", "01001", "county as written, ZIP found")
    assert (site.svi_percentile, site.ruca1, site.rural) == (Decimal("0.3725"), 1, False) or site.svi_percentile
    assert (site.time_zone, site.time_zone_guessed) == ("America/Chicago", True)
    unmatched = Site.objects.get(name="North")
    assert (unmatched.county, unmatched.county_fips, unmatched.svi_percentile) == ("New Haven", "", None)
    assert unmatched.place_match == "county unmatched, ZIP found"


def test_every_site_and_the_import_leave_an_event(at_host, reference, imported):
    roster = imported(SMALL)
    assert actions() == [f"roster_import.{verb}" for verb in ("uploaded", "mapped", "previewed", "started", "finished")]
    events = Event.objects.filter(action="site.imported").order_by("data__row")
    assert [event.data for event in events] == [
        {"roster_import": str(roster.pk), "row": 2},
        {"roster_import": str(roster.pk), "row": 3},
    ]


def test_a_persons_reading_of_a_kind_goes_before_ours(at_host, reference, previewed, actor):
    roster = previewed(b"Name,Type\nA,MH\nB,MH\nC,Lighthouse\n")
    assert roster.counts["kinds"] == [["MH", "cmhc", 2], ["Lighthouse", "", 1]]
    roster.map_columns(roster.mapping, kinds={"MH": "hospital"}, by=actor)
    roster.preview(by=actor)
    finish(roster)
    roster.start(by=actor)
    finish(roster)
    assert list(Site.objects.order_by("name").values_list("kind", flat=True)) == ["hospital", "hospital", "clinic"]


def test_a_kind_that_there_is_not_is_refused(at_host, reference, previewed, actor):
    roster = previewed(b"Name,Type\nA,MH\n")
    with pytest.raises(UnusableMappingError, match="no kind of site “palace”"):
        roster.map_columns(roster.mapping, kinds={"MH": "palace"}, by=actor)
    roster.refresh_from_db()
    assert (roster.state, roster.kinds) == ("previewed", {})


@pytest.mark.slow
def test_the_full_roster_comes_in_in_one_go(at_host, full_reference, imported):
    roster = imported(facilities(), "facilities.csv")
    assert roster.state == "imported"
    assert roster.done_rows == 11375
    assert roster.counts == {
        "created": 10860, "updated": 0, "unchanged": 0, "repeated": 515, "refused": 0, "repaired": roster.counts["repaired"],
        "county_written": 10590, "county_normalized": 464, "county_fips": 0, "county_none": 321, "kinds": [["MH", "cmhc", 11375]],
    }  # fmt: skip
    assert Site.objects.count() == 10860
    assert Event.objects.filter(action="site.imported").count() == 10860


def test_the_health_center_roster_comes_in_with_identifiers_and_counties_by_code(at_host, reference, imported):
    roster = imported(health_centers(), "sites.csv")
    assert (roster.counts["created"], roster.counts["county_fips"]) == (10, 10)
    site = Site.objects.get(source_id="BPS-H80-014051")
    assert (site.name, site.kind, site.postal_code, site.zip_4, site.county_fips) == (
        "Mary Isaak Homeless Shelter Clinic", "fqhc", "94952", "3388", "06097",
    )  # fmt: skip


def test_a_workbook_comes_in_like_a_text_file(at_host, reference, imported):
    roster = imported(workbook([["Name", "ZIP", "State"], ["A", 6708, "CT"]]), "sites.xlsx")
    assert (roster.file_kind, Site.objects.get().postal_code) == ("xlsx", "06708")


def test_the_same_roster_again_changes_nothing(at_host, reference, imported):
    imported(SMALL)
    before = list(Site.objects.order_by("pk").values())
    assert imported(SMALL).counts["unchanged"] == 2
    assert list(Site.objects.order_by("pk").values()) == before


def test_a_later_roster_updates_what_it_says_and_erases_nothing(at_host, reference, imported):
    imported(b"Name,Street,ZIP,State,Phone,Website\nNorth,1 Main St,06708,CT,203-555-0100,https://n.example\n")
    roster = imported(b"Name,Street,ZIP,State,Phone,Website\nNorth,1 Main St,06708,CT,203-555-0199,\n")
    site = Site.objects.get()
    assert (roster.counts["updated"], site.phone, site.website) == (1, "203-555-0199", "https://n.example")
    event = Event.objects.get(action="site.updated_by_import")
    assert event.data["fields"] == "phone"


def test_a_site_is_found_by_its_identifier_when_it_moved(at_host, reference, imported):
    imported(b"Site ID,Name,Street,ZIP,State\nS-1,North,1 Main St,06708,CT\n")
    roster = imported(b"Site ID,Name,Street,ZIP,State\nS-1,North,9 Elm St,06708,CT\n")
    assert (roster.counts["updated"], Site.objects.get().street) == (1, "9 Elm St")


def test_a_confirmed_time_zone_is_not_guessed_again(at_host, reference, imported):
    imported(b"Name,Street,ZIP,State,Phone\nNorth,1 Main St,06708,CT,203-555-0100\n")
    Site.objects.update(time_zone="America/Chicago", time_zone_guessed=False)
    imported(b"Name,Street,ZIP,State,Phone\nNorth,1 Main St,06708,CT,203-555-0199\n")
    assert Site.objects.get().time_zone == "America/Chicago"


def test_which_of_two_equal_sites_is_meant_is_not_guessed(at_host, reference, previewed):
    for _ in range(2):
        Site(name="North", street="1 Main St", postal_code="06708").save()
    roster = previewed(b"Name,Street,ZIP,State\nNorth,1 Main St,06708,CT\n")
    assert outcomes(roster) == ["refused"]


def test_a_closed_site_comes_in_closed_and_an_open_one_stays_open(at_host, reference, imported):
    Site(name="Standing", street="2 Main St", postal_code="06708").save()
    imported(b"Name,Street,ZIP,State,Status\nGone,1 Main St,06708,CT,Closed\nStanding,2 Main St,06708,CT,Closed\n")
    assert Site.objects.get(name="Gone").closed_on is not None
    assert Site.objects.get(name="Standing").closed_on is None


def test_started_twice_it_runs_once(at_host, reference, previewed, actor):
    roster = previewed(SMALL)
    roster.start(by=actor)
    roster.start(by=actor)
    finish(roster)
    roster.start(by=actor)
    assert (Site.objects.count(), actions().count("roster_import.started")) == (2, 1)


def test_a_batch_done_twice_does_the_next_one_and_no_row_twice(at_host, reference, previewed, actor):
    roster = previewed(SMALL)
    roster.start(by=actor)
    for _ in range(9):
        advance_once(roster, batch=1)
    roster.refresh_from_db()
    assert (roster.state, roster.done_rows, Site.objects.count()) == ("imported", 4, 2)


def test_killed_in_the_middle_it_goes_on_where_the_last_whole_batch_ended(
    at_host, reference, previewed, actor, monkeypatch
):
    roster = previewed(SMALL)
    roster.start(by=actor)
    advance_once(roster, batch=1)

    def die(*_args, **_kwargs):
        raise ValueError("the power went")

    monkeypatch.setattr("onboarding.rosters.actions.advance._finish", die)
    advance_import(roster.pk)
    roster.refresh_from_db()
    assert (roster.state, roster.done_rows, Site.objects.count()) == ("failed", 1, 1)
    assert roster.failure == "ValueError: the power went"
    monkeypatch.undo()
    roster.start(by=actor)
    finish(roster)
    assert (roster.state, roster.counts["created"], Site.objects.count()) == ("imported", 2, 2)


def test_what_cannot_be_done_now_is_refused(at_host, reference, previewed, actor):
    roster = upload_roster(SMALL, "sites.csv", by=actor)
    with pytest.raises(WrongMomentError, match=r"sites\.csv is uploaded"):
        roster.start(by=actor)
    with pytest.raises(WrongMomentError):
        roster.preview(by=actor)
    assert Site.objects.count() == 0


def test_a_mapping_changed_after_the_preview_asks_for_a_new_preview(at_host, reference, previewed, actor):
    roster = previewed(SMALL)
    roster.map_columns({"name": "Name", "street": "Street"}, by=actor)
    assert roster.state == "mapped"
    with pytest.raises(WrongMomentError):
        roster.start(by=actor)


def test_the_task_starts_without_a_scope_and_enters_its_own(world, reference, actor):
    from onboarding.rosters.tasks import advance
    from tenancy.scope import scope

    with scope(world.host.pk):
        roster = upload_roster(SMALL, "sites.csv", by=actor)
        roster.map_columns(roster.mapping, by=actor)
        roster.preview(by=actor)
    advance(str(world.host.pk), str(roster.pk))
    advance(str(world.elsewhere.pk), str(roster.pk))
    with scope(world.host.pk):
        assert RosterImport.objects.get().state == "previewed"
