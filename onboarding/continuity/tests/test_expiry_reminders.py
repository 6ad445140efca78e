"""Sources of funding before their last day, and a program whose money is short: at once, then on the first of each month."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from notices.ladder import plan_many
from notices.models import Reminder
from onboarding.continuity import jobs, notices
from onboarding.continuity.models import FundingSource, MonthlyCost
from onboarding.deployments.models import TeamRole
from tenancy.scope import scope
from testing.scenes import Scene

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


def fund(scene: Scene, ends_on: date | None, left: int = 9000) -> FundingSource:
    said = {"title": "Grant", "kind": "grant", "left": Decimal(left), "begins_on": date(2026, 1, 1), "ends_on": ends_on}
    return FundingSource.note(scene.program, **said, by=scene.manager)


def carried(scene: Scene) -> None:
    TeamRole.objects.get(deployment=scene.deployment, code="IM").fill(scene.world.manager, by=scene.manager)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(90, {("-90", 0), ("-60", 30)}), (61, {("-60", 1)}), (30, {("-30", 0)}), (10, {("lapsed", 11)}), (-2, set())],
)
def test_a_source_is_announced_before_its_last_day_and_on_the_day_after(
    scene: Scene, days: int, expected: set[tuple[str, int]]
) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False):
        carried(scene)
        source = fund(scene, MONDAY.date() + timedelta(days=days))
        plan_many(notices.sources_that_end(), by=scene.manager)
        rows = Reminder.objects.filter(subject_id=source.pk, recipient=scene.world.manager)
        assert {(row.step, (row.on - MONDAY.date()).days) for row in rows} == expected


def test_short_money_is_said_at_once_and_then_on_the_first_of_the_month(scene: Scene) -> None:
    with scope(scene.world.host.pk), time_machine.travel(MONDAY, tick=False) as clock:
        carried(scene)
        fund(scene, None)
        MonthlyCost.note(scene.program, amount=Decimal(3000), by=scene.manager)
        for _ in range(3):  # every night
            jobs.continuity(scene.world.host)
            plan_many(notices.runways(), by=scene.manager)
            clock.shift(timedelta(days=1))
        said = Reminder.objects.filter(recipient=scene.world.manager, kind__startswith="funding.runway").order_by("on")
        assert [(row.kind, row.on) for row in said] == [
            ("funding.runway_short", date(2026, 11, 16)),
            ("funding.runway_monthly", date(2026, 12, 1)),
        ]
