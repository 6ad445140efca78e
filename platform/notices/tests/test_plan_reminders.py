"""From a due date to the reminders: who, when, and what becomes of them when the date or the people change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from notices.ladder import BLOCKER, DEPUTY, MANAGER, OWNER, SPONSOR, Plan, plan_many, plan_reminders
from notices.models import Reminder, ReminderPolicy
from notices.tests.subjects import ITEM
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World
from testing.statements import counted

pytestmark = pytest.mark.django_db
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # a Monday
DUE = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    with scope(world.host.pk):
        yield Site.objects.create(name="Main Street")


def plan(site: Site, *people: tuple[User, str], due_on: date | None = DUE, zone: str = "America/New_York") -> None:
    plan_reminders(site, kind=ITEM, due_on=due_on, zone=zone, people=people, by=SOMEBODY)


def planned(person: User) -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(recipient=person, state="due").order_by("on", "step")
    return [(row.step, row.on.isoformat()) for row in rows]


def test_the_owner_gets_the_ladder_over_working_days(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    # Thanksgiving, 26 November, is no working day; 14 working days before lies in the past.
    assert planned(world.manager) == [
        ("-7", "2026-11-19"),
        ("-3", "2026-11-25"),
        ("0", "2026-12-01"),
        ("+1", "2026-12-02"),
        ("+3", "2026-12-04"),
        ("+7", "2026-12-10"),
    ]


def test_what_is_late_goes_to_the_manager_and_then_to_the_sponsor(world: World, site: Site) -> None:
    plan(site, (world.contributor, OWNER), (world.manager, MANAGER), (world.approver, SPONSOR))
    assert planned(world.manager) == [("escalate-manager", "2026-12-04")]
    assert planned(world.approver) == [("escalate-sponsor", "2026-12-10")]
    row = Reminder.objects.get(recipient=world.approver)
    assert row.reason == "You are the sponsor, and it is late."


def test_the_blocker_is_reminded_and_the_blocked_is_not(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER), (world.contributor, DEPUTY), (world.approver, BLOCKER))
    assert planned(world.manager) == []
    assert planned(world.contributor) == []
    assert len(planned(world.approver)) == 6


def test_who_owns_and_manages_hears_each_step_once(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER), (world.manager, MANAGER))
    assert [step for step, _ in planned(world.manager)] == ["-7", "-3", "0", "+1", "+3", "+7"]


def test_messages_come_in_the_persons_zone_and_else_in_the_works(world: World, site: Site) -> None:
    world.manager.time_zone = "America/Los_Angeles"
    world.manager.save(update_fields=["time_zone"])
    plan(site, (world.manager, OWNER), (world.contributor, OWNER), zone="America/Chicago")
    day = {"step": "0", "on": DUE}
    assert Reminder.objects.get(recipient=world.manager, **day).due_at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert Reminder.objects.get(recipient=world.contributor, **day).due_at == datetime(2026, 12, 1, 14, tzinfo=UTC)


def test_planning_again_changes_nothing(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    before = list(Reminder.objects.order_by("pk").values())
    events = Event.objects.count()
    plan(site, (world.manager, OWNER))
    assert list(Reminder.objects.order_by("pk").values()) == before
    assert Event.objects.count() == events


def test_a_moved_date_takes_the_old_reminders_back(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    plan(site, (world.manager, OWNER), due_on=DUE + timedelta(days=7))
    assert ("0", "2026-12-08") in planned(world.manager)
    assert ("0", "2026-12-01") not in planned(world.manager)
    assert Reminder.objects.filter(state="cancelled", on=DUE, step="0").count() == 1


def test_a_date_moved_back_again_brings_its_reminders_back_to_life(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    before = planned(world.manager)
    plan(site, (world.manager, OWNER), due_on=None)
    assert planned(world.manager) == []
    plan(site, (world.manager, OWNER))
    assert planned(world.manager) == before


def test_a_new_owner_takes_the_reminders_over(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    plan(site, (world.contributor, OWNER))
    assert planned(world.manager) == []
    assert len(planned(world.contributor)) == 6


def test_a_changed_hour_moves_what_waits(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    ReminderPolicy.change(by=SOMEBODY, digest_at=time(9, 30))
    assert Reminder.objects.get(step="0").due_at == datetime(2026, 12, 1, 14, 30, tzinfo=UTC)
    assert Event.objects.filter(action="reminder_policy.changed").count() == 1


def test_a_changed_zone_moves_what_waits(world: World, site: Site) -> None:
    plan(site, (world.manager, OWNER))
    world.manager.time_zone = "Europe/London"
    world.manager.save(update_fields=["time_zone"])
    assert Reminder.retime(user=world.manager) == 6
    assert Reminder.objects.get(step="0").due_at == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_a_policy_that_is_none_is_refused_and_changes_nothing(world: World, site: Site) -> None:
    with pytest.raises(ValidationError, match="The sponsor hears after the manager"):
        ReminderPolicy.change(by=SOMEBODY, manager_after=9, sponsor_after=2)
    assert ReminderPolicy.current().manager_after == 3
    assert Event.objects.filter(action="reminder_policy.changed").count() == 0


def test_a_hundred_subjects_cost_as_many_statements_as_one(world: World, site: Site) -> None:
    costs = []
    for number in (1, 100):
        sites = Site.objects.bulk_create([Site(name=f"Site {each}") for each in range(number)])
        plans = [Plan(each, ITEM, DUE, "America/New_York", [(world.manager, OWNER)]) for each in sites]
        with CaptureQueriesContext(connection) as queries:
            plan_many(plans, by=SOMEBODY)
        costs.append(len(counted(queries)))
    assert costs[0] == costs[1] <= 11
    assert Reminder.objects.count() == 606
