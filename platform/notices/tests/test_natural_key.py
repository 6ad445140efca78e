"""Planned twice is once, in any order and in any portions; what came due waits for its worker; holidays are a person's own."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.actor import Actor
from notices import engine
from notices.kinds import AHEAD, EXPIRY, MONTHLY, WEEKLY, kind
from notices.ladder import BLOCKER, DEPUTY, MANAGER, OWNER, SPONSOR, Plan, plan_many
from notices.models import Reminder, ReminderPolicy
from notices.tests.subjects import ITEM, URGENT, describe
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
SOMEBODY = Actor.system("test")
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)  # a Monday
EXPIRES = kind("test_expires", "Expires", describe=describe, ladder=EXPIRY)
OPENS = kind("test_opens", "Opens", describe=describe, ladder=AHEAD)
EVERY_WEEK = kind("test_weekly", "Every week", describe=describe, ladder=WEEKLY)
EVERY_MONTH = kind("test_monthly", "Every month", describe=describe, ladder=MONTHLY)
KINDS = (ITEM, URGENT, EXPIRES, OPENS, EVERY_WEEK, EVERY_MONTH)
ROLES = (OWNER, DEPUTY, BLOCKER, MANAGER, SPONSOR)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def planned() -> set[tuple[Any, ...]]:
    return {(*row.key, row.due_at) for row in Reminder.objects.filter(state="due")}


ONE = st.tuples(
    st.integers(0, 5),
    st.integers(-20, 60),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(ROLES)), min_size=1, max_size=4),
    st.booleans(),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(work=st.lists(ONE, min_size=1, max_size=6), seed=st.integers(0, 10_000), ways=st.booleans())
def test_in_any_order_any_portions_and_any_number_of_times_it_is_once(
    world: World, work: Any, seed: int, ways: bool
) -> None:
    people = [world.manager, world.contributor, world.approver]
    with scope(world.host.pk):
        Reminder.objects.all().delete()
        ReminderPolicy.change(by=SOMEBODY, channels={"test_item": ["mail", "in_app"]} if ways else {})
        plans = [
            Plan(
                Site.objects.create(name=f"Key {number}"), KINDS[which], NOW.date() + timedelta(days=days), "America/Denver",
                [(people[who], role) for who, role in team], lapses=lapses,
            )
            for number, (which, days, team, lapses) in enumerate(work)
        ]  # fmt: skip
        plan_many(plans, by=SOMEBODY)
        once = planned()
        dice = random.Random(seed)
        for _ in range(3):
            dice.shuffle(plans)
            cut = dice.randrange(len(plans) + 1)
            for portion in (plans[:cut], plans[cut:], plans[:1]):
                plan_many(portion, by=SOMEBODY)
        assert planned() == once
        assert Reminder.objects.count() == len(once)
        keys = [row.key for row in Reminder.objects.all()]
        assert len(keys) == len(set(keys))


def test_what_came_due_and_waits_for_a_worker_is_not_taken_back(world: World, clock: time_machine.Traveller) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        plan = Plan(site, ITEM, date(2026, 11, 17), "America/New_York", [(world.manager, OWNER)])
        plan_many([plan], by=SOMEBODY)
        clock.move_to(datetime(2026, 11, 17, 13, 0, 20, tzinfo=UTC))  # the digest is 20 seconds due
        plan_many([plan], by=SOMEBODY)
        assert Reminder.objects.get(step="0").state == "due"
    assert engine.send_due(world.host.pk) == 1


def test_expiry_is_said_exactly_ninety_sixty_and_thirty_days_before_and_on_the_day_after(world: World) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        people = [(world.manager, OWNER), (world.contributor, MANAGER)]
        for last_day, expected in (
            (NOW.date() + timedelta(days=90), [("-90", 0), ("-60", 30)]),
            (NOW.date() + timedelta(days=61), [("-60", 1)]),
            (NOW.date() + timedelta(days=30), [("-30", 0)]),
            (NOW.date() + timedelta(days=5), [("lapsed", 6)]),
        ):
            Reminder.objects.all().delete()
            plan_many([Plan(site, EXPIRES, last_day, "", people, lapses=True)], by=SOMEBODY)
            rows = Reminder.objects.filter(recipient=world.manager).order_by("on")
            assert [(row.step, (row.on - NOW.date()).days) for row in rows] == expected
            others = Reminder.objects.filter(recipient=world.contributor)
            assert {row.step for row in others} <= {"lapsed"}


def test_a_persons_own_holidays_are_no_working_days_for_them(world: World) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        world.contributor.prefer(country="GB", region="")
        people = [(world.manager, OWNER), (world.contributor, OWNER)]
        plan_many([Plan(site, ITEM, date(2026, 11, 27), "", people)], by=SOMEBODY)
        # Thanksgiving, the 26th, is a holiday of the organization and none of a person in Britain.
        days = {row.recipient_id: row.on for row in Reminder.objects.filter(step="-3")}
        assert days == {world.manager.pk: date(2026, 11, 23), world.contributor.pk: date(2026, 11, 24)}
