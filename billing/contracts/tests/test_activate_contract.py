"""A contract binds only when a second person says so, and then its terms stand."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from audit.models import Event
from billing.contracts.amount import NotMoney
from billing.contracts.hands import BillingRefused
from billing.contracts.models import Contract, Coverage, FactRoute, Milestone
from billing.contracts.tests.deal import Deal
from tenancy.models import Organization
from tenancy.scope import scope

NOBODYS = UUID("01900000-0000-7000-8000-000000000001")


def test_who_drafted_it_does_not_activate_it(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        with pytest.raises(BillingRefused, match="a second person activates it"):
            contract.activate(by=deal.owner)
        assert Contract.objects.get().state == "draft"
        assert not FactRoute.objects.exists()


def test_who_wrote_a_milestone_does_not_activate_it(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft(plan=[("contract.activated", Decimal(40))])
        contract.add_milestone("deployment.went_live", Decimal(60), by=deal.second)
        with pytest.raises(BillingRefused, match="a second person activates it"):
            contract.activate(by=deal.second)
        assert Contract.objects.get().state == "draft"


def test_a_vendor_drafts_and_activates_nothing(deal: Deal) -> None:
    with scope(deal.payer.pk):
        with pytest.raises(BillingRefused, match="Only people of the paying organization"):
            deal.draft(by=deal.outsider)
        contract = deal.draft()
        with pytest.raises(BillingRefused, match="Only people of the paying organization"):
            contract.activate(by=deal.outsider)
        assert Contract.objects.get().state == "draft"


def test_a_role_without_the_permission_is_refused_by_the_verb_itself(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        for user in (deal.scene.world.manager, deal.scene.world.approver, deal.scene.world.auditor):
            with pytest.raises(BillingRefused, match="You cannot do this"):
                contract.activate(by=deal.by(user))
        assert Contract.objects.get().state == "draft"


def test_milestones_that_do_not_make_a_hundred_bind_nobody(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft(plan=[("contract.activated", Decimal("99.99"))])
        with pytest.raises(BillingRefused, match=r"make 99\.99 %, not 100 %"):
            contract.activate(by=deal.second)
        assert Contract.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("percent", "says"),
    [
        ("0", "not between"),
        ("-1", "not between"),
        ("100.01", "not between"),
        ("1.005", "two decimal"),
        ("NaN", "two decimal"),
    ],
)
def test_a_percentage_that_is_none_is_refused(deal: Deal, percent: str, says: str) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft(plan=[])
        with pytest.raises(BillingRefused, match=says):
            contract.add_milestone("contract.activated", Decimal(percent), by=deal.owner)
        assert not Milestone.objects.exists()


def test_a_milestone_stands_once_and_only_of_the_closed_list(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        with pytest.raises(BillingRefused, match="stands in the contract already"):
            contract.add_milestone("deployment.went_live", Decimal(1), by=deal.owner)
        with pytest.raises(BillingRefused, match="makes no money due"):
            contract.add_milestone("gate.passed:G6", Decimal(1), by=deal.owner)
        assert Milestone.objects.count() == 4


def test_a_foreign_deployment_is_not_covered(deal: Deal) -> None:
    with scope(deal.payer.pk), pytest.raises(BillingRefused, match="Not a deployment of yours"):
        deal.draft(covers=[deal.scene.deployment.pk, NOBODYS])
    with scope(deal.scene.world.elsewhere.pk), pytest.raises(BillingRefused, match="Not a deployment of yours"):
        deal.draft(by=Membership.objects.active().get(user=deal.scene.world.stranger).actor)
    with scope(deal.payer.pk):
        assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"fee": Decimal("0.00")}, "more than nothing"),
        ({"fee": Decimal("-5.00")}, "more than nothing"),
        ({"fee": Decimal("1.005")}, "at most two decimal places"),
        ({"fee": 100.0}, "Money is a decimal"),
        ({"currency": "JPY"}, "is not one of"),
        ({"ends_on": date(2019, 1, 1)}, "before it starts"),
        ({"reference": " "}, "needs a reference"),
        ({"covers": []}, "at least one deployment"),
        ({"net_days": 400}, "0 to 365"),
    ],
)
def test_what_is_no_contract_is_refused(deal: Deal, values: dict[str, object], says: str) -> None:
    with scope(deal.payer.pk):
        with pytest.raises((BillingRefused, NotMoney), match=says):
            deal.draft(**values)
        assert not Contract.objects.exists()


def test_a_contract_is_with_the_maker_of_the_tool(deal: Deal) -> None:
    other = Organization.objects.create(slug="othermaker", name="Other Maker", kind="vendor")
    with scope(deal.payer.pk):
        with pytest.raises(BillingRefused, match="Not a tool of Other Maker: Stillwater CBT at Main Street"):
            deal.draft(vendor=other)
        with pytest.raises(BillingRefused, match="is no vendor"):
            deal.draft(vendor=deal.scene.world.hub)
        assert not Contract.objects.exists()


def test_activation_fixes_the_amounts_to_the_cent(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft()
        assert list(Milestone.objects.values_list("amount", flat=True)) == [None] * 4
        contract.activate(by=deal.second)
        contract.activate(by=deal.second)
        amounts = list(Milestone.objects.order_by("rank").values_list("amount", flat=True))
        assert amounts == [Decimal("3000.01"), Decimal("3000.00"), Decimal("2000.00"), Decimal("2000.00")]
        assert Event.objects.filter(action="contract.activated").count() == 1
        route = FactRoute.objects.get()
        assert (route.deployment_id, route.payer_id, route.contract_id) == (
            deal.scene.deployment.pk,
            deal.payer.pk,
            contract.pk,
        )


def test_terms_of_an_active_contract_do_not_change(deal: Deal) -> None:
    with scope(deal.payer.pk):
        contract = deal.active()
        with pytest.raises(BillingRefused, match="cannot change"):
            contract.add_milestone("deployment.went_live", Decimal(1), by=deal.owner)
        with pytest.raises(BillingRefused, match="cannot change"):
            contract.drop_milestone(deal.milestone(contract, "deployment.went_live"), by=deal.owner)
        contract.end(on=date(2026, 12, 31), by=deal.owner)
        contract.end(on=date(2027, 12, 31), by=deal.owner)
        with pytest.raises(BillingRefused, match="cannot become active"):
            contract.activate(by=deal.second)
        assert Contract.objects.get().ended_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    "attack",
    [
        "update contracts_contract set fee = 1",
        "update contracts_contract set vendor_id = organization_id",
        "update contracts_contract set state = 'draft', activated_by_id = null, activated_at = null",
        "update contracts_contract set starts_on = '2019-01-01'",
        "delete from contracts_contract",
        "update contracts_milestone set percent = 1",
        "update contracts_milestone set amount = 99999",
        "delete from contracts_milestone",
        "update contracts_coverage set label = 'another'",
        "delete from contracts_coverage",
        (
            "insert into contracts_coverage (id, organization_id, contract_id, deployment_id, host_id, label)"
            " select gen_random_uuid(), organization_id, contract_id, gen_random_uuid(), host_id, 'more' from contracts_coverage"
        ),
    ],
)
def test_raw_sql_as_the_app_changes_no_term(deal: Deal, attack: str) -> None:
    with scope(deal.payer.pk):
        contract = deal.active()
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
        contract.refresh_from_db()
        assert (contract.state, contract.fee) == ("active", Decimal("10000.01"))
        assert Milestone.objects.filter(amount__gt=0).count() == 4
        assert Coverage.objects.get().label == "Stillwater CBT at Main Street"


@pytest.mark.parametrize(
    "attack",
    [
        "update contracts_contract set state = 'active', activated_by_id = %(other)s, activated_at = now()",
        "update contracts_contract set state = 'active', activated_by_id = drafted_by_id, activated_at = now()",
        "update contracts_contract set state = 'ended', ended_on = now()",
    ],
)
def test_raw_sql_skips_no_step_of_a_draft(deal: Deal, attack: str) -> None:
    with scope(deal.payer.pk):
        contract = deal.draft(plan=[("contract.activated", Decimal(60))])
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack, {"other": deal.administrator.pk})
        contract.refresh_from_db()
        assert contract.state == "draft"
