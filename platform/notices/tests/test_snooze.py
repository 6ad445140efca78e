"""Putting off: with a reason and an end, for oneself alone, recorded and shown."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices import engine
from notices.ladder import MANAGER, OWNER, plan_reminders
from notices.models import Reminder, Snooze
from notices.models.snooze import SnoozeRefused, shown
from notices.tests.subjects import ITEM, URGENT
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # a Monday
DUE = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    with scope(world.host.pk):
        made = Site.objects.create(name="Main Street")
        plan(made, world)
        yield made


def plan(site: Site, world: World) -> None:
    people = [(world.contributor, OWNER), (world.manager, MANAGER)]
    plan_reminders(site, kind=ITEM, due_on=DUE, zone="", people=people, by=SOMEBODY)


def steps(person: User) -> list[str]:
    rows = Reminder.objects.filter(recipient=person, state="due").order_by("on", "step")
    return [row.step for row in rows]


def first(person: User) -> Reminder:
    return Reminder.objects.filter(recipient=person, state="due").order_by("on")[0]


def test_the_person_hears_again_on_the_day_and_the_manager_all_the_same(world: World, site: Site) -> None:
    assert steps(world.contributor) == ["-3", "0", "+1", "+3", "+7"]
    snooze = Snooze.take(
        first(world.contributor), until=date(2026, 11, 23), reason="The vendor is away.", by=world.contributor.acting()
    )
    assert steps(world.contributor) == ["snoozed", "+3", "+7"]
    assert steps(world.manager) == ["escalate-manager"]
    plan(site, world)  # the night plans again
    assert steps(world.contributor) == ["snoozed", "+3", "+7"]
    event = Event.objects.get(action="reminder.snoozed")
    assert event.sentence == "put a reminder off until 23 Nov 2026: The vendor is away."
    assert shown(site.pk) == [
        {"person": world.contributor, "until": date(2026, 11, 23), "reason": "The vendor is away."}
    ]
    snooze.end(by=world.contributor.acting())
    plan(site, world)
    assert steps(world.contributor) == ["-3", "0", "+1", "+3", "+7"]
    assert shown(site.pk) == []


def test_the_same_again_is_once_and_another_day_takes_its_place(world: World, site: Site) -> None:
    me, until = world.contributor.acting(), date(2026, 11, 23)
    one = Snooze.take(first(world.contributor), until=until, reason="Away.", by=me)
    assert Snooze.take(first(world.contributor), until=until, reason="Away.", by=me).pk == one.pk
    assert Event.objects.filter(action="reminder.snoozed").count() == 1
    Snooze.take(first(world.contributor), until=date(2026, 11, 24), reason="Away longer.", by=me)
    assert Snooze.objects.filter(ended_at=None).count() == 1
    assert [row.on for row in Reminder.objects.filter(step="snoozed", state="due")] == [date(2026, 11, 24)]


@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        (date(2026, 11, 23), "  ", "Say why"),
        (date(2026, 11, 16), "Away.", "Choose a day from tomorrow"),
        (date(2026, 12, 17), "Away.", "Choose a day from tomorrow to 30 days"),
    ],
)
def test_without_reason_or_end_nothing_is_put_off(
    world: World, site: Site, until: date, reason: str, words: str
) -> None:
    before = list(Reminder.objects.order_by("pk").values())
    with pytest.raises(SnoozeRefused, match=words):
        Snooze.take(first(world.contributor), until=until, reason=reason, by=world.contributor.acting())
    assert list(Reminder.objects.order_by("pk").values()) == before
    assert not Snooze.objects.exists()
    assert not Event.objects.filter(action="reminder.snoozed").exists()


def test_nobody_puts_off_for_somebody_else_nor_what_is_urgent(world: World, site: Site) -> None:
    with pytest.raises(SnoozeRefused, match="Only whoever is reminded"):
        Snooze.take(first(world.contributor), until=DUE, reason="He is busy.", by=world.manager.acting())
    plan_reminders(site, kind=URGENT, due_on=DUE, zone="", people=[(world.approver, OWNER)], by=SOMEBODY)
    with pytest.raises(SnoozeRefused, match="urgent"):
        Snooze.take(first(world.approver), until=DUE, reason="Later.", by=world.approver.acting())
    assert not Snooze.objects.exists()


def test_in_causeway_it_arrives_is_put_aside_and_can_be_put_off(
    world: World, site: Site, clock: time_machine.Traveller, client_of: Callable[[User], Client]
) -> None:
    from notices.models import ReminderPolicy

    ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["in_app"]})
    plan(site, world)
    clock.move_to(datetime(2026, 11, 20, 20, tzinfo=UTC))
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        arrived = Reminder.objects.filter(recipient=world.contributor, channel="in_app", state="sent")
        assert sorted(arrived.values_list("step", flat=True)) == ["-3", "0"]
        told = arrived.get(step="0")
    browser = client_of(world.contributor)
    page = browser.get("/o/host/notices/").content.decode()
    assert page.count("Put aside") == 2
    assert "Main Street" in page
    assert client_of(world.manager).post(f"/o/host/notices/{told.pk}/read").status_code == 404
    browser.post(f"/o/host/notices/{told.pk}/read")
    browser.post("/o/host/notices/read")
    assert "Nothing new" in browser.get("/o/host/notices/").content.decode()
    with scope(world.host.pk):
        waiting = Reminder.objects.filter(recipient=world.contributor, state="due").order_by("on")[0]
    address = f"/o/host/notices/{waiting.pk}/snooze"
    assert client_of(world.manager).get(address).status_code == 404
    assert browser.post(address, {"until": "2026-11-25", "reason": ""}).status_code == 422
    assert browser.post(address, {"until": "2026-11-25", "reason": "Away."}).status_code == 302
    page = browser.get("/o/host/notices/").content.decode()
    assert "Remind me as planned" in page
    with scope(world.host.pk):
        snooze = Snooze.objects.get()
    assert client_of(world.manager).post(f"/o/host/notices/snoozes/{snooze.pk}/end").status_code == 404
    assert browser.post(f"/o/host/notices/snoozes/{snooze.pk}/end").status_code == 302
    with scope(world.host.pk):
        assert Snooze.objects.get().ended_at is not None
