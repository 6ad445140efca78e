"""Changing a site by hand: its profile, its county, its time zone, whether it is in use."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from api.tests.callers import assert_problem, caller
from audit.models import Event
from notices.models import Reminder
from onboarding.deployments import notices
from onboarding.deployments.actions.plan_deployment import CannotPlan, plan_deployment
from onboarding.deployments.models import Item, PortfolioRow, TeamRole
from onboarding.deployments.tasks import follow_site
from onboarding.rosters.actions.add_site import add_site
from onboarding.rosters.actions.close_site import CannotClose, close_site, reopen_site
from onboarding.rosters.actions.edit_site import edit_site
from onboarding.rosters.actions.place_site import CannotPlace, choose_county, offered_counties, set_time_zone
from onboarding.rosters.actions.undo_import import undo_import
from onboarding.rosters.tests.conftest import ACTOR
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import GO_LIVE


def events(action: str) -> list[Event]:
    return list(Event.objects.filter(action=action).order_by("pk"))


@pytest.fixture
def site(reference, at_host) -> Site:
    return add_site(
        by=ACTOR, name="North", street="1 Main St", city="Waterbury", region="Connecticut", postal_code="6708"
    )


def test_a_site_added_by_hand_is_repaired_and_joined_like_a_row_of_a_roster(site):
    assert (site.region, site.postal_code, site.ruca1) == ("CT", "06708", 1)
    assert (site.time_zone, site.time_zone_guessed) == ("America/New_York", True)


def test_an_edit_changes_what_is_said_and_joins_another_address_anew(site):
    changed = edit_site(
        site, by=ACTOR, region="NY", county="Kings", postal_code="59457", staff_count=12, broadband="weak"
    )
    changed.refresh_from_db()
    assert (changed.county_fips, changed.svi_percentile is not None) == ("36047", True)
    assert (changed.staff_count, changed.broadband, changed.street) == (12, "weak", "1 Main St")
    assert events("site.edited")[0].data["fields"] == "region, postal code, county, broadband, staff count"


def test_saying_what_stands_changes_nothing(site):
    before = Site.objects.values().get(pk=site.pk)
    edit_site(site, by=ACTOR, name="North", region="CT", postal_code="06708")
    assert Site.objects.values().get(pk=site.pk) == before
    assert events("site.edited") == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"region": "Ontario"}, "region"),
        ({"postal_code": "123"}, "postal_code"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"phone": "ask"}, "phone"),
        ({"latitude": Decimal(91)}, "latitude"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": "  "}, "name"),
        ({"kind": "castle"}, "kind"),
    ],
)
def test_what_a_site_cannot_be_is_refused_by_field_and_nothing_is_written(site, values, field):
    before = Site.objects.values().get(pk=site.pk)
    with pytest.raises(ValidationError) as refused:
        edit_site(site, by=ACTOR, **values)
    assert list(refused.value.message_dict) == [field]
    assert Site.objects.values().get(pk=site.pk) == before
    assert events("site.edited") == []


def test_a_place_elsewhere_keeps_its_postal_code_and_province_and_gets_no_american_figures(site):
    changed = edit_site(site, by=ACTOR, country="CA", region="Ontario", postal_code="M5V 2T6")
    assert (changed.region, changed.postal_code, changed.ruca1, changed.svi_percentile) == (
        "Ontario", "M5V 2T6", None, None,
    )  # fmt: skip


def test_the_county_of_an_unmatched_site_is_offered_and_chosen_and_stays_chosen(at_host, reference, imported):
    roster = b"Name,Street,City,State,ZIP,County\nNorth,1 Main St,Phoenix,AZ,85001,Maricopa City\n"
    imported(roster)
    site = Site.objects.get()
    assert (site.county_fips, site.svi_percentile) == ("", None)
    likely, others = offered_counties(site)
    assert [one.name for one in likely] == ["Maricopa County"]
    assert "Pima County" in [one.name for one in others]
    chosen = choose_county(site, likely[0].fips, by=ACTOR)
    assert (chosen.county_fips, chosen.svi_percentile is not None) == ("04013", True)
    assert chosen.place_match == "county chosen by a person, ZIP not found"
    again = imported(roster)
    assert again.counts["unchanged"] == 1
    other = imported(roster.replace(b"Maricopa City", b"Pima"))
    site.refresh_from_db()
    assert (site.county_fips, site.county_chosen) == ("04019", False)
    undo_import(other, by=ACTOR)
    site.refresh_from_db()
    assert (site.county_fips, site.county_chosen) == ("04013", True)


def test_a_county_of_another_state_is_refused(site):
    with pytest.raises(CannotPlace, match="no such county in CT"):
        choose_county(site, "36047", by=ACTOR)
    site.refresh_from_db()
    assert (site.county_chosen, events("site.county_chosen")) == (False, [])


def test_a_confirmed_time_zone_is_not_guessed_again(site):
    set_time_zone(site, "America/New_York", by=ACTOR)
    set_time_zone(site, "America/New_York", by=ACTOR)
    assert len(events("site.time_zone_set")) == 1
    moved = edit_site(site, by=ACTOR, region="CA", postal_code="94952")
    assert (moved.time_zone, moved.time_zone_guessed) == ("America/New_York", False)
    guessed = edit_site(site, by=ACTOR, time_zone="")
    assert (guessed.time_zone, guessed.time_zone_guessed) == ("America/Los_Angeles", True)
    with pytest.raises(CannotPlace, match="no time zone"):
        set_time_zone(site, "Mars/Olympus", by=ACTOR)


def test_a_site_is_closed_with_its_reason_and_opened_again(scene, django_assert_num_queries):
    today = timezone.localdate()
    with scope(scene.world.host.pk):
        by = scene.manager
        for on, reason, why in ((today, " ", "Say why"), (today + timedelta(days=1), "Moved", "today or an earlier")):
            with pytest.raises(CannotClose, match=why):
                close_site(scene.site, on=on, reason=reason, by=by)
        assert events("site.closed") == []
        close_site(scene.site, on=date(2026, 1, 5), reason="The lease ended.", by=by)
        close_site(scene.site, on=date(2026, 1, 5), reason="The lease ended.", by=by)
        assert [event.sentence for event in events("site.closed")] == [
            "closed the site on 5 Jan 2026: The lease ended."
        ]
        scene.site.refresh_from_db()
        with pytest.raises(CannotPlan, match="closed on 5 Jan 2026"):
            plan_deployment(scene.program, scene.site, go_live_on=GO_LIVE, by=by)
        reopen_site(scene.site, by=by)
        reopen_site(scene.site, by=by)
        assert len(events("site.reopened")) == 1


def test_reminders_and_portfolios_follow_a_site(scene):
    with scope(scene.world.host.pk):
        TeamRole.objects.get(deployment=scene.deployment, code="IM").fill(scene.world.manager, by=scene.manager)
        item = Item.objects.get(deployment=scene.deployment, number=1)
        item.move_due(timezone.localdate() + timedelta(days=10), by=scene.manager)
        scene.world.manager.time_zone = ""
        scene.world.manager.save(update_fields=["time_zone"])
        items = Item.objects.filter(pk=item.pk).select_related(*notices.RELATED)
        notices.plan_items(items, by=scene.manager)
        before = {row.pk: row.due_at for row in Reminder.objects.filter(subject_id=item.pk)}
        assert before
        changed = edit_site(scene.site, by=scene.manager, name="Ferry Road", time_zone="America/Los_Angeles")
        event = events("site.edited")[0]
    follow_site(str(scene.world.host.pk), str(event.pk))
    with scope(scene.world.host.pk):
        after = {row.pk: row.due_at for row in Reminder.objects.filter(subject_id=item.pk)}
        assert {after[pk] - before[pk] for pk in before} == {timedelta(hours=3)}
        assert PortfolioRow.objects.get(deployment_id=scene.deployment.pk).site == changed.name


def test_the_pages_change_a_site_and_say_what_is_wrong(scene, client_of, reference):
    client, place = client_of(scene.world.manager), f"/o/host/sites/{scene.site.pk}"
    assert "guessed, not confirmed" in client.get(f"{place}/").content.decode()
    form = {"name": "Main Street", "kind": "fqhc", "country": "US", "region": "NY", "languages": "English, Spanish"}
    wrong = client.post(f"{place}/edit/", {**form, "region": "Ontario", "languages": "Elvish"})
    assert (wrong.status_code, "Not known as a language: Elvish." in wrong.content.decode()) == (422, True)
    wrong = client.post(f"{place}/edit/", {**form, "region": "Ontario"})
    assert (wrong.status_code, "Not a state or territory" in wrong.content.decode()) == (422, True)
    assert client.post(f"{place}/edit/", {**form, "county": "Kinks"}).status_code == 302
    shown = client.get(f"{place}/").content.decode()
    assert "Which county is it?" in shown
    assert "Kings County" in shown
    assert client.post(f"{place}/county", {"other": "04013"}).status_code == 422
    assert client.post(f"{place}/county", {"other": "36047"}).status_code == 302
    assert client.post(f"{place}/time-zone", {"time_zone": "Nowhere"}).status_code == 422
    assert client.post(f"{place}/time-zone", {"time_zone": "America/New_York"}).status_code == 302
    assert "1 deployment runs here" in client.get(f"{place}/close/").content.decode()
    assert client.post(f"{place}/close/", {"on": "2199-01-01", "reason": "Moved"}).status_code == 422
    assert client.post(f"{place}/close/", {"on": "2026-01-05", "reason": "Moved"}).status_code == 302
    assert "Closed 5 Jan" in client.get(f"{place}/").content.decode()
    assert client.post(f"{place}/reopen").status_code == 302
    with scope(scene.world.host.pk):
        site = Site.objects.get(pk=scene.site.pk)
    assert (site.languages, site.county_fips, site.time_zone_guessed, site.closed_on) == (
        ["en", "es"], "36047", False, None,
    )  # fmt: skip
    added = client.post("/o/host/sites/add/", {"name": "Ferry Road", "kind": "clinic", "country": "US"})
    assert added.status_code == 302
    assert client_of(scene.world.contributor).get(f"{place}/edit/").status_code == 403


def test_the_api_changes_a_site_by_its_verbs(scene, reference):
    program, place = caller(scene.world, scene.world.manager), f"sites/{scene.site.pk}"
    edited = program.post(f"{place}/edit", {"county": "Kinks", "staff_count": 4})
    assert (edited.status_code, edited.json()["staff_count"], edited.json()["name"]) == (200, 4, "Main Street")
    counties = program.get(f"{place}/counties").json()
    assert counties["likely"] == []
    assert {"fips": "36047", "name": "Kings County"} in counties["others"]
    chosen = program.post(f"{place}/choose-county", {"county_fips": "36047"}).json()
    assert (chosen["county_chosen"], chosen["svi_percentile"] is not None) == (True, True)
    assert program.post(f"{place}/choose-county", {"county_fips": "99999"}).status_code == 409
    assert program.post(f"{place}/set-time-zone", {"time_zone": "America/Chicago"}).json()["time_zone_guessed"] is False
    assert_problem(program.post(f"{place}/edit", {"region": "Ontario"}), 422, "invalid")
    closed = program.post(f"{place}/close", {"on": "2026-01-05", "reason": "Moved"})
    assert closed.json()["closed_on"] == "2026-01-05"
    assert program.post(f"{place}/reopen", {}).json()["closed_on"] is None
