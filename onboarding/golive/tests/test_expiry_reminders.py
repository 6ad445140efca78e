"""Waivers and conditions are announced before their last day and on the day after it, while they still hold something open."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notices.ladder import plan_many
from notices.models import Reminder
from onboarding.deployments.models import Item
from onboarding.golive import notices
from onboarding.golive.models import Condition, GateReview, Waiver
from onboarding.golive.tests.readiness import fill_team, meeting
from tenancy.scope import scope
from testing.scenes import Scene

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def here(scene: Scene) -> Iterator[Scene]:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        fill_team(scene)
        yield scene


def steps(subject: Any) -> set[tuple[str, date]]:
    return set(Reminder.objects.filter(subject_id=subject.pk, state="due").values_list("step", "on"))


def granted(scene: Scene, days: int) -> Waiver:
    ends = timezone.localdate() + timedelta(days=days)
    said = {"reason": "The feed comes in March.", "compensating_control": "Daily list by hand.", "expires_on": ends}
    waiver = Waiver.ask(Item.objects.get(number=55), **said, by=scene.manager)
    waiver.grant(by=scene.by(scene.world.approver))
    return Waiver.objects.get(pk=waiver.pk)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (90, {("-90", 0), ("-60", 30)}),
        (75, {("-60", 15)}),
        (45, {("-30", 15)}),
        (20, {("lapsed", 21)}),
    ],
)
def test_a_waiver_is_announced_before_its_last_day_and_when_it_lapsed(
    here: Scene, days: int, expected: set[tuple[str, int]]
) -> None:
    waiver = granted(here, days)
    plan_many(notices.waivers(), by=here.manager)
    assert steps(waiver) == {(step, MONDAY.date() + timedelta(days=after)) for step, after in expected}
    about = notices.describe_waivers([waiver.pk])[waiver.pk]
    assert about.due_on == waiver.expires_on


def test_a_waiver_that_lapsed_is_said_while_its_item_is_open(here: Scene) -> None:
    waiver = granted(here, 20)
    with time_machine.travel(MONDAY + timedelta(days=21), tick=False):
        waiver.lapse(by=here.manager)
        assert waiver.pk in notices.describe_waivers([waiver.pk])
        Item.objects.filter(number=55).update(state="accepted", done_at=timezone.now())
        assert notices.describe_waivers([waiver.pk]) == {}
    with time_machine.travel(MONDAY + timedelta(days=22), tick=False):
        assert list(notices.waivers()) == []


def test_a_condition_of_a_decision_is_announced_and_one_of_a_meeting_is_not(here: Scene) -> None:
    review = meeting(here)
    item = Item.objects.filter(gate_class="conditional", state="todo").order_by("number")[0]
    ends = MONDAY.date() + timedelta(days=12)
    review.set_condition(item, owner="OPS", workaround="By hand.", expires_on=ends, by=here.manager)
    condition = Condition.objects.get()
    assert list(notices.conditions()) == []
    GateReview.objects.filter(pk=review.pk).update(
        state="decided", decision="conditional_go", decided_at=timezone.now(), decided_by=here.world.approver
    )
    plan_many(notices.conditions(), by=here.manager)
    assert steps(condition) == {("lapsed", ends + timedelta(days=1))}
    assert notices.describe_conditions([condition.pk])[condition.pk].due_on == ends
    Item.objects.filter(pk=item.pk).update(state="accepted", done_at=timezone.now())
    assert notices.describe_conditions([condition.pk]) == {}
