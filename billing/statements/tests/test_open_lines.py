"""What happened makes one line each, whatever is delivered how often, and by whom."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from audit import relay, vocabulary
from audit.actor import Actor
from audit.models import Event, Reaction
from audit.models.event import record
from billing.contracts.models import Contract, FactRoute
from billing.contracts.tests.deal import Deal
from billing.statements.actions.settle import follow, settle
from billing.statements.models import Line, Statement
from billing.statements.tasks import open_lines
from config.reactions import REACTIONS
from tenancy.models import Share
from tenancy.scope import scope
from testing.settling import settle as settle_transactions

SIGNED = ("Contract signed", Decimal("3000.01"))
BUILT = ("Gate G4 passed", Decimal("3000.00"))
LIVE = ("Deployment went live", Decimal("2000.00"))
BACK = ("Go-live payment taken back", Decimal("-2000.00"))
SUSTAINED = ("Gate G9 passed", Decimal("2000.00"))


def test_the_same_event_delivered_twice_makes_one_line(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        event = deal.go_live()
        for _ in range(3):
            open_lines(str(deal.payer.pk), str(event.pk))
        assert deal.lines() == [SIGNED, LIVE]
        assert Event.objects.filter(action="statement.line_opened").count() == 2


def test_two_events_of_one_milestone_make_one_line(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        for _ in range(2):
            follow(deal.pass_gate("G4").pk)
        assert deal.lines() == [SIGNED, BUILT]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_line(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        event = deal.go_live()
    start, failures = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait(timeout=120)
            open_lines(str(deal.payer.pk), str(event.pk))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert failures == []
    with scope(deal.payer.pk):
        assert deal.lines() == [SIGNED, LIVE]


def test_an_event_of_another_organizations_deployment_makes_none(deal: Deal) -> None:
    elsewhere = deal.scene.world.elsewhere
    with scope(deal.payer.pk):
        deal.active()
    with scope(elsewhere.pk):
        # The very same deployment id, in a log that the contract has nothing to do with.
        event = record(
            vocabulary.find("deployment.went_live"),
            by=Actor.system("test"),
            subject=elsewhere,
            deployment_id=deal.scene.deployment.pk,
        )
        open_lines(str(elsewhere.pk), str(event.pk))
        assert not Line.objects.exists()
        assert not FactRoute.objects.exists()
    with scope(deal.payer.pk):
        settle(Contract.objects.get().pk)
        assert deal.lines() == [SIGNED]


def test_an_event_of_an_uncovered_deployment_makes_none(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.active()
        event = record(
            vocabulary.find("deployment.went_live"),
            by=Actor.system("test"),
            subject=contract,
            deployment_id=contract.pk,
        )
        follow(event.pk)
        assert deal.lines() == [SIGNED]


def test_a_draft_makes_nothing_due_and_activation_catches_up(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        follow(deal.pass_gate("G4").pk)
        settle(contract.pk)
        assert not Line.objects.exists()
        assert not Statement.objects.exists()
        contract.activate(by=deal.second)
        follow(Event.objects.about(contract.pk).get(action="contract.activated").pk)
        assert sorted(deal.lines()) == sorted([SIGNED, BUILT])


def test_other_gates_make_nothing_due(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        for gate in ("G0", "G1", "G5", "G6", "G10"):
            follow(deal.pass_gate(gate).pk)
        assert deal.lines() == [SIGNED]


def test_what_happens_outside_the_contracts_time_makes_nothing_due(deal: Deal) -> None:
    today = timezone.localdate()
    with scope(deal.payer.pk):
        deal.active(starts_on=today + timedelta(days=30))
        follow(deal.go_live().pk)
        assert deal.lines() == [SIGNED]


def test_after_the_end_nothing_more_becomes_due(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.active()
        follow(deal.pass_gate("G4").pk)
        contract.end(on=timezone.localdate() - timedelta(days=2), by=deal.owner)
        follow(deal.go_live().pk)
        assert deal.lines() == [SIGNED, BUILT]


def test_a_rollback_takes_the_go_live_back_and_the_next_go_live_makes_it_due_again(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        events = [deal.go_live(), deal.roll_back(), deal.go_live()]
        for event in events:
            follow(event.pk)
        assert deal.lines() == [SIGNED, LIVE, BACK, LIVE]
        # Late and double deliveries of what is long past change nothing.
        for event in [*events, *reversed(events)]:
            follow(event.pk)
        assert deal.lines() == [SIGNED, LIVE, BACK, LIVE]


def test_deliveries_in_the_wrong_order_give_the_same_lines(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
        back = deal.roll_back()
        again = deal.go_live()
        follow(again.pk)
        follow(back.pk)
        assert deal.lines() == [SIGNED, LIVE, BACK, LIVE]


def test_a_rollback_takes_only_the_go_live_back(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        for happen in (lambda: deal.pass_gate("G4"), deal.go_live, lambda: deal.pass_gate("G9"), deal.roll_back):
            follow(happen().pk)
        assert deal.lines() == [SIGNED, BUILT, LIVE, SUSTAINED, BACK]
        assert sum(amount for _, amount in deal.lines()) == Decimal("8000.01")


def test_a_rollback_without_a_go_live_that_counted_takes_nothing_back(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.roll_back().pk)
        assert deal.lines() == [SIGNED]


def test_all_milestones_make_exactly_the_fee(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        for event in (deal.pass_gate("G4"), deal.go_live(), deal.pass_gate("G9")):
            follow(event.pk)
        assert deal.lines() == [SIGNED, BUILT, LIVE, SUSTAINED]
        assert sum(amount for _, amount in deal.lines()) == Decimal("10000.01")


def test_a_line_names_rule_fact_formula_and_amount(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.active()
        event = deal.go_live()
        follow(event.pk)
        line = Line.objects.get(event_id=event.pk)
        assert line.snapshot["rule"] == {
            "milestone": str(deal.milestone(contract, "deployment.went_live").pk),
            "title": "Deployment went live",
            "place": 2,
            "percent": "20.00",
            "percents": ["30.00", "30.00", "20.00", "20.00"],
            "fee": "10000.01",
            "currency": "USD",
        }
        assert line.snapshot["fact"] == {
            "event": str(event.pk),
            "organization": str(deal.payer.pk),
            "deployment": str(deal.scene.deployment.pk),
            "action": "deployment.went_live",
            "gate": "",
            "what": "Deployment went live",
            "at": event.at.isoformat(),
        }
        assert line.snapshot["label"] == "Stillwater CBT at Main Street"
        assert line.statement.period == timezone.localdate().replace(day=1)


def test_the_log_of_the_money_stays_with_the_payer(deal: Deal) -> None:
    deal.scene.share()
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
    with scope(deal.payer.pk, deployments=[deal.scene.deployment.pk]):
        seen = set(Event.objects.values_list("action", flat=True))
        assert "deployment.went_live" in seen
        assert not any(action.startswith(("contract.", "statement.", "billing.")) for action in seen)
        assert not Statement.objects.exists()
        assert not Contract.objects.exists()


def funders(deal: Deal) -> Contract:
    """Let the funder pay for the deployment that the host shares with it."""
    world = deal.scene.world
    from access.permissions import Role
    from accounts.models import Membership
    from testing.cast import person

    with scope(world.funder.pk):
        second = person("administrator@funder.example", "Administrator Funder")
        Membership.add(second, roles=[Role.ADMINISTRATOR], by=Actor.system("test"))
        contract = deal.draft(by=deal.by(world.funder_manager))
        contract.activate(by=deal.by(second))
        follow(Event.objects.about(contract.pk).get(action="contract.activated").pk)
    return contract


def test_a_funder_pays_for_what_is_shared_with_it(deal: Deal) -> None:
    deal.scene.share()
    contract = funders(deal)
    with scope(deal.payer.pk):
        open_lines(str(deal.payer.pk), str(deal.go_live().pk))
        assert not Statement.objects.exists()
    with scope(deal.scene.world.funder.pk):
        assert deal.lines() == [SIGNED, LIVE]
        assert Line.objects.first().statement.contract_id == contract.pk


def test_a_funder_learns_nothing_once_the_share_is_withdrawn(deal: Deal) -> None:
    deal.scene.share()
    funders(deal)
    with scope(deal.payer.pk):
        deal.scene.deployment.withdraw_share(deal.scene.world.funder, by=deal.scene.manager)
        assert Share.objects.in_force().filter(partner=deal.scene.world.funder).count() == 0
        follow(deal.go_live().pk)
    with scope(deal.scene.world.funder.pk):
        assert deal.lines() == [SIGNED]


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
def test_from_the_log_by_the_relay_to_the_line(deal: Deal) -> None:
    assert "billing.statements.tasks.open_lines" in REACTIONS["deployment.went_live"]
    with scope(deal.payer.pk):
        deal.draft().activate(by=deal.second)
        deal.go_live()
    settle_transactions()
    while relay.relay():
        pass
    with scope(deal.payer.pk):
        for reaction in list(Reaction.objects.filter(task="billing.statements.tasks.open_lines")):
            Reaction.carry_out(reaction.pk)
        assert sorted(deal.lines()) == sorted([SIGNED, LIVE])
        assert not Reaction.objects.troubled().exists()


def test_a_line_of_a_closed_month_goes_to_the_next(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        deal.statement().review(by=deal.owner)
        follow(deal.go_live().pk)
        first, second = Statement.objects.order_by("period")
        assert (first.state, second.state) == ("in_review", "draft")
        assert second.period == (first.period + timedelta(days=32)).replace(day=1)
        assert Line.objects.get(statement=second).title == "Deployment went live"
        assert isinstance(second.period, date)
