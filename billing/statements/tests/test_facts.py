"""What billing publishes of a deployment's money: stated when it changes, for the host's own people, never for partners."""

from collections.abc import Callable
from decimal import Decimal

from django.test import Client

from accounts.models import User
from api.tests.callers import caller
from audit.models import Event
from billing.contracts.tests.deal import Deal
from billing.statements.actions.settle import follow
from billing.statements.models import Line
from billing.statements.tasks import state_money
from config.reactions import REACTIONS
from facts.models import Fact
from tenancy.scope import scope

ClientOf = Callable[[User], Client]


def told(deal: Deal) -> dict[str, object]:
    facts = Fact.objects.about(deal.scene.deployment.pk).filter(kind__startswith="billing.").current()
    return {fact.kind.partition(".")[2]: fact.value for fact in facts}


def carry(deal: Deal, action: str) -> None:
    event = Event.objects.filter(action=action).order_by("xact", "id").last()
    assert event is not None
    state_money.run(str(deal.payer.pk), str(event.pk))


def test_money_is_stated_with_each_line_and_taken_back_with_it(deal: Deal) -> None:
    for action in ("contract.activated", "contract.ended", "statement.line_opened", "statement.line_corrected"):
        assert "billing.statements.tasks.state_money" in REACTIONS[action]
    with scope(deal.payer.pk):
        deal.active()
        carry(deal, "contract.activated")
        assert told(deal) == {
            "agreed": "10,000.01 USD",
            "due": "3,000.01 USD",
            "due_share": 0.3,
            "milestones_accepted": 1,
            "milestones_agreed": 4,
        }
        follow(deal.go_live().pk)
        carry(deal, "statement.line_opened")
        assert (told(deal)["due"], told(deal)["milestones_accepted"]) == ("5,000.01 USD", 2)
        follow(deal.roll_back().pk)
        carry(deal, "statement.line_opened")
        assert (told(deal)["due"], told(deal)["milestones_accepted"]) == ("3,000.01 USD", 1)
        assert Line.objects.all().total() == Decimal("3000.01")
        before = Fact.objects.count()
        carry(deal, "statement.line_opened")
        assert Fact.objects.count() == before


def test_money_is_kept_from_partners_and_from_who_may_not_read_contracts(deal: Deal) -> None:
    world = deal.scene.world
    with scope(deal.payer.pk):
        deal.active()
        carry(deal, "contract.activated")
        assert not Fact.objects.filter(kind__startswith="billing.").exclude(deployment_id=None).exists()
    with scope(deal.payer.pk, deployments=[deal.scene.deployment.pk]):
        assert not Fact.objects.filter(kind__startswith="billing.").exists()
    at = f"facts?subject={deal.scene.deployment.pk}&kind=billing.due"
    assert [one["value"] for one in caller(world, world.owner).get(at).json()["results"]] == ["3,000.01 USD"]
    assert caller(world, world.contributor).get(at).json()["results"] == []
