"""What arrives in Causeway: what is still wanted, for those who can read it there, on the day that it is for them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, User
from audit.actor import Actor
from notices import engine
from notices.models import DigestChoice, Reminder, ReminderPolicy, Wanted
from notices.once import say_once
from notices.tests.subjects import ITEM, POISON, URGENT
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def test_only_what_is_still_wanted_arrives_and_the_ledger_says_why_the_rest_did_not(
    world: World,
) -> None:
    with scope(world.host.pk):
        ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["in_app"]})
        sites = [
            Site.objects.create(name="Main Street"),
            Site.objects.create(name="Closed", closed_on=date(2026, 11, 1)),
            Site.objects.create(name=POISON),
        ]
        people = [world.manager, world.manager, world.manager, world.contributor]
        Reminder.schedule(
            Wanted(person, ITEM, "tenancy.site", site.pk, "0", date(2026, 11, 24), "Yours.")
            for person, site in zip(people, [*sites, sites[0]], strict=True)
        )
        gone = Membership.objects.active().get(user=world.contributor)
        gone.end(by=gone.actor)
    assert engine.send_due(world.host.pk) == 0
    with scope(world.host.pk):
        rows = Reminder.objects.order_by("state", "last_error").values_list("state", "title", "last_error")
        assert list(rows) == [
            ("cancelled", "", "It is done or gone."),
            ("cancelled", "Main Street", "The person does not belong here any more."),
            ("failed", "", "RuntimeError: cannot be described"),
            ("sent", "Main Street", ""),
        ]
        assert not Reminder.objects.filter(state="due").exists()


def test_whoever_cannot_read_it_there_gets_it_by_mail(world: World) -> None:
    with scope(world.host.pk):
        ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["in_app"]})
        policy = ReminderPolicy.current()
        assert policy.ways_to(world.manager, ITEM) == ("in_app",)
        assert policy.ways_to(world.vendor_manager, ITEM) == ("mail",)


def test_what_cannot_wait_does_not_wait_for_the_day_that_it_is_in_utc_already(
    world: World, clock: time_machine.Traveller
) -> None:
    evening = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)  # half past five in the afternoon of the 24th on the West Coast
    clock.move_to(evening)
    Organization.objects.filter(pk=world.host.pk).update(time_zone="America/Los_Angeles")
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        say_once(URGENT, site, [world.manager], "Now.")
        row = Reminder.objects.get()
        assert (row.on, row.due_at <= evening) == (date(2026, 11, 24), True)
    assert engine.send_due(world.host.pk) == 1


def test_without_a_webhook_what_goes_that_way_alone_is_mailed(world: World) -> None:
    with scope(world.host.pk):
        ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["webhook"]})
        assert ReminderPolicy.current().ways_to(world.manager, ITEM) == ("mail",)


def test_ones_own_digest_is_stopped_and_taken_up_again_under_notices(
    world: World, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(world.manager)
    assert "Stop the digest" in browser.get("/o/host/notices/").content.decode()
    for wish, offered, stopped in (("stop", "Get the digest again", True), ("resume", "Stop the digest", False)):
        assert browser.post("/o/host/notices/digest", {"wish": wish}).status_code == 302
        assert offered in browser.get("/o/host/notices/").content.decode()
        with scope(world.host.pk):
            assert DigestChoice.objects.get().stopped is stopped
