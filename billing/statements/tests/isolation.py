"""What the isolation suite needs to know about contracts and statements."""

from decimal import Decimal

from billing.contracts.models import Contract, Milestone
from billing.contracts.models.contract import USUAL
from billing.statements.actions.settle import settle
from billing.statements.models import Line, Statement
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, ids, operation


@builds(order=40)
def contracts_and_statements(home: Home, lane: Lane) -> None:
    """Make a contract in each state, a statement to review and one to finalize."""
    drafter, second = home.actor("administrator"), home.actor("owner")

    def draft(kind: str, plan: object = USUAL) -> Contract:
        return Contract.draft(
            reference=f"{kind}-{lane.things['deployment'].hex[-12:]}", title=f"Contract {home.closed_token}",
            vendor=home.partners["vendor"], currency="USD", fee=Decimal("100.00"), starts_on=lane.things["soon"],
            covers=[lane.things["deployment"]], by=drafter, plan=plan,
        )  # fmt: skip

    active, other = draft("A"), draft("B")
    for contract in (active, other):
        contract.activate(by=second)
        settle(contract.pk)
    reviewed = Statement.objects.get(contract=active)
    reviewed.review(by=drafter)
    waiting = draft("C")
    lane.things |= {
        "contract": active.pk,
        "draft_contract": waiting.pk,
        "short_contract": draft("D", USUAL[:3]).pk,
        "draft_milestone": Milestone.objects.filter(contract=waiting).order_by("rank")[0].pk,
        "statement": reviewed.pk,
        "draft_statement": Statement.objects.get(contract=other).pk,
        "line": Line.objects.get(statement=reviewed).pk,
        "vendor_id": home.partners["vendor"].pk,
    }


def contract(name: str) -> Filler:
    """The address of a contract that a lane knows by this name."""
    return lambda lane: {"contract": lane[name]}


operation("org:billing:overview")
operation(
    "org:billing:draft_contract",
    body=lambda lane: {
        "reference": "New-1", "title": "New", "vendor": lane["vendor_id"], "currency": "USD", "fee": "10.00",
        "starts_on": lane["soon"].isoformat(), "net_days": "30", "covers": [lane["deployment"]],
        "share_signed": "100",
    },
)  # fmt: skip
operation("org:billing:contract", ids("contract"))
operation(
    "org:billing:add_milestone", contract("short_contract"), get=False,
    body=lambda lane: {"trigger": "gate.passed:G9", "percent": "20"},
)  # fmt: skip
operation(
    "org:billing:drop_milestone",
    lambda lane: {"contract": lane["draft_contract"], "milestone": lane["draft_milestone"]},
    get=False, body=lambda lane: {},
)  # fmt: skip
operation("org:billing:activate_contract", contract("draft_contract"), get=False, body=lambda lane: {})
operation(
    "org:billing:end_contract", ids("contract"), get=False, body=lambda lane: {"on": lane["later"].isoformat()}
)  # fmt: skip
operation("org:billing:statement", ids("statement"))
operation(
    "org:billing:review_statement", lambda lane: {"statement": lane["draft_statement"]}, get=False,
    body=lambda lane: {},
)  # fmt: skip
operation("org:billing:return_statement", ids("statement"), get=False, body=lambda lane: {"reason": "Not yet"})
operation("org:billing:finalize_statement", ids("statement"), get=False, body=lambda lane: {})
operation(
    "org:billing:correct_line", ids("statement", "line"), body=lambda lane: {"should_be": "1.00", "reason": "Agreed"}
)  # fmt: skip
operation("org:billing:statement_pdf", ids("statement"))
operation("org:billing:statement_csv", ids("statement"))
api("statements")
api("statements/<uuid:pk>", lambda lane: {"pk": lane["statement"]})
