"""Statements through the API: for those who may see money, and their own organization's only."""

from access.permissions import Permission
from api.tests.callers import Caller, assert_problem, token
from billing.contracts.tests.deal import Deal
from billing.statements.actions.settle import follow
from tenancy.scope import scope


def test_a_statement_comes_with_its_lines_to_the_payer_alone(deal: Deal) -> None:
    with scope(deal.payer.pk):
        deal.active()
        follow(deal.go_live().pk)
        statement = deal.statement()
        amounts = [str(line.amount) for line in statement.lines.order_by("number")]
    world = deal.scene.world
    payer = Caller(token(world.owner, world.host, [Permission.BILLING_READ])[1])
    [found] = payer.get("statements?state=draft").json()["results"]
    assert (found["id"], found["total"]) == (str(statement.pk), None)
    full = payer.get(f"statements/{statement.pk}").json()
    assert sorted(line["amount"] for line in full["lines"]) == sorted(amounts)
    assert len(amounts) > 0
    blind = Caller(token(world.owner, world.host, [Permission.DEPLOYMENT_READ])[1])
    assert_problem(blind.get(f"statements/{statement.pk}"), 403, "not-allowed")
    other = Caller(token(world.stranger, world.elsewhere)[1], "elsewhere")
    assert other.get("statements").json()["results"] == []
    assert_problem(other.get(f"statements/{statement.pk}"), 404, "not-found")
