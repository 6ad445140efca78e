"""The last day of a contract is announced 90, 60 and 30 days before, and on the day after it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from billing.contracts import notices
from billing.contracts.tests.deal import Deal
from notices.ladder import plan_many
from notices.models import Reminder
from tenancy.scope import scope

MONDAY = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(90, {("-90", 0), ("-60", 30)}), (61, {("-60", 1)}), (30, {("-30", 0)}), (10, {("lapsed", 11)})],
)
def test_whoever_keeps_the_contracts_hears_before_one_ends(
    deal: Deal, days: int, expected: set[tuple[str, int]]
) -> None:
    with scope(deal.payer.pk), time_machine.travel(MONDAY, tick=False):
        contract = deal.active(ends_on=MONDAY.date() + timedelta(days=days))
        plan_many(notices.contracts(), by=deal.owner)
        rows = Reminder.objects.filter(subject_id=contract.pk, recipient=deal.scene.world.owner)
        assert {(row.step, (row.on - MONDAY.date()).days) for row in rows} == expected
        assert not Reminder.objects.filter(recipient=deal.scene.world.contributor).exists()
        assert notices.describe([contract.pk])[contract.pk].due_on == contract.ends_on


def test_a_draft_and_a_contract_without_an_end_are_not_announced(deal: Deal) -> None:
    with scope(deal.payer.pk), time_machine.travel(MONDAY, tick=False):
        deal.draft(ends_on=MONDAY.date() + timedelta(days=30))
        deal.active(reference="SW-2", ends_on=None)
        assert list(notices.contracts()) == []
