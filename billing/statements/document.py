"""Contracts and statements as documents: what pages, PDF and CSV show, and what the vendor holds. Plain JSON."""

from collections.abc import Mapping
from typing import Any

from billing.contracts.models import Contract, Coverage, Milestone
from billing.statements import rules
from billing.statements.models.line import Line
from billing.statements.models.statement import Statement
from tenancy.models import Organization

Document = dict[str, Any]


def statement_document(statement: Statement) -> Document:
    """Return a statement with its lines. Names no person: the vendor gets the same."""
    contract = statement.contract
    lines = [_line(one) for one in Line.objects.filter(statement=statement).order_by("number")]
    total = statement.recompute() if statement.total is None else statement.total
    return {
        "id": str(statement.pk),
        "reference": statement.reference,
        "title": statement.title,
        "contract": {"id": str(contract.pk), "reference": contract.reference, "title": contract.title},
        "payer": _organization(contract.organization),
        "vendor": _organization(contract.vendor),
        "currency": contract.currency,
        "net_days": contract.net_days,
        "period": statement.period.isoformat(),
        "state": statement.state,
        "state_title": str(statement.get_state_display()),
        "opened_at": statement.opened_at.isoformat(),
        "reviewed_at": statement.reviewed_at and statement.reviewed_at.isoformat(),
        "finalized_at": statement.finalized_at and statement.finalized_at.isoformat(),
        "due_on": statement.due_on and statement.due_on.isoformat(),
        "lines": lines,
        "total": f"{total}",
        "sha256": statement.sha256,
    }


def seal(statement: Statement) -> str:
    """Return the SHA-256 that a final statement carries; `seal_of` computes the same from its document."""
    return seal_of(statement_document(statement))


def seal_of(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 over parties, month, currency, every line's number, amount and snapshot, and the total."""
    return rules.digest(
        {
            "reference": document["reference"],
            "payer": document["payer"]["id"],
            "vendor": document["vendor"]["id"],
            "currency": document["currency"],
            "period": document["period"],
            "due_on": document["due_on"],
            "lines": [[one["number"], one["amount"], rules.digest(one["snapshot"])] for one in document["lines"]],
            "total": document["total"],
        }
    )


def contract_document(contract: Contract) -> Document:
    """Return a contract with what has been reached of it in each deployment."""
    milestones = list(Milestone.objects.filter(contract=contract).order_by("rank"))
    coverages = Coverage.objects.filter(contract=contract).select_related("host").order_by("label", "id")
    lines = list(Line.objects.of_contract(contract.pk))
    return {
        "id": str(contract.pk),
        "reference": contract.reference,
        "title": contract.title,
        "payer": _organization(contract.organization),
        "vendor": _organization(contract.vendor),
        "currency": contract.currency,
        "fee": f"{contract.fee}",
        "net_days": contract.net_days,
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.ends_on and contract.ends_on.isoformat(),
        "ended_on": contract.ended_on and contract.ended_on.isoformat(),
        "activated_at": contract.activated_at and contract.activated_at.isoformat(),
        "state": contract.state,
        "state_title": str(contract.get_state_display()),
        "milestones": [
            {
                "id": str(one.pk),
                "title": one.title,
                "trigger": one.trigger,
                "percent": f"{one.percent.normalize():f}",
                "amount": None if one.amount is None else f"{one.amount}",
            }
            for one in milestones
        ],
        "coverages": [
            {
                "deployment": str(one.deployment_id),
                "label": one.label,
                "host": _organization(one.host),
                "reached": [_reached(milestone, one, lines) for milestone in milestones],
            }
            for one in coverages
        ],
    }


def _reached(milestone: Milestone, coverage: Coverage, lines: list[Line]) -> Document:
    """Return where a milestone stands in a deployment: the last line about it says."""
    own = [
        one
        for one in lines
        if one.milestone_id == milestone.pk
        and one.deployment_id == coverage.deployment_id
        and one.kind != Line.Kind.ADJUSTMENT
    ]
    if not own:
        return {"state": "open", "milestone": milestone.title}
    last = max(own, key=lambda one: (one.round, one.kind == Line.Kind.REVERSAL))
    return {
        "state": "reached" if last.kind == Line.Kind.MILESTONE else "taken_back",
        "milestone": milestone.title,
        "what": last.snapshot["fact"]["what"],
        "at": last.snapshot["fact"]["at"],
        "amount": f"{last.amount}",
        "statement": str(last.statement_id),
        "period": last.statement.period.isoformat(),
        "statement_state": last.statement.state,
    }


def _line(line: Line) -> Document:
    return {
        "id": str(line.pk),
        "number": line.number,
        "kind": line.kind,
        "title": line.title,
        "label": line.snapshot["label"],
        "snapshot": line.snapshot,
        "sha256": line.sha256,
        "formula": rules.formula(line.snapshot),
        "amount": f"{line.amount}",
    }


def _organization(organization: Organization) -> Document:
    return {"id": str(organization.pk), "name": organization.name}
