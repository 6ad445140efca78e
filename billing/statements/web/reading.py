"""From documents to what the pages show. The payer's page and the vendor's are the same page over the same document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.html import format_html

from billing.contracts.models import Contract
from billing.statements import rules
from billing.statements.checking import findings
from billing.statements.document import contract_document, seal_of, statement_document
from billing.statements.models import Received, Statement
from billing.statements.wording import fact_words, rule_words
from web.formats import day, money, signed

Document = Mapping[str, Any]
LOOKS = {
    "draft": ("to_do", "Draft"),
    "in_review": ("signature_wanted", "Wants a second person"),
    "finalized": ("signed", "Finalized"),
    "active": ("live", "Active"),
    "ended": ("not_needed", "Ended"),
    "open": ("later", "Not reached"),
    "reached": ("met", "Reached"),
    "taken_back": ("refused", "Taken back"),
}


DATES = {
    "as_date": lambda text: date.fromisoformat(text) if text else None,
    "as_moment": lambda text: datetime.fromisoformat(text) if text else None,
}
"""For templates: documents hold dates as text."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document, and the payer's own row where this is the payer's page."""

    document: Document
    own: Any

    @property
    def payer(self) -> bool:
        """Whether the organization on screen is the one that pays."""
        return self.own is not None


def find_contract(pk: UUID) -> Shown:
    """Return a contract of this organization, or one it received; raise Http404."""
    own = Contract.objects.select_related("vendor", "organization").filter(pk=pk).first()
    return Shown(contract_document(own), own) if own else Shown(_received(Received.Kind.CONTRACT, pk), None)


def find_statement(pk: UUID) -> Shown:
    """Return a statement of this organization, or one it received; raise Http404."""
    own = Statement.objects.for_page().filter(pk=pk).first()
    return Shown(statement_document(own), own) if own else Shown(_received(Received.Kind.STATEMENT, pk), None)


def _received(kind: str, pk: UUID) -> Document:
    row = Received.objects.filter(kind=kind, source_id=pk).first()
    if row is None:
        raise Http404
    document: Document = row.document
    return document


def doubts(shown: Shown) -> list[str]:
    """Return what does not hold: with the payer against contract and log, with the vendor against the document itself."""
    if shown.own:
        found = findings(shown.own)
    else:
        found = [
            f"Line {one['number']}: the amount is not what its snapshot gives."
            for one in shown.document["lines"]
            if rules.compute(one["snapshot"]) != Decimal(one["amount"])
        ]
    if shown.document["sha256"] and seal_of(shown.document) != shown.document["sha256"]:
        found.append("The statement is not the one that was finalized.")
    return found


def rows(document: Document, address: str) -> list[dict[str, Any]]:
    """Return the lines as `ui.statement` draws them."""
    return [_row(one, f"{address}?line={one['number']}#how") for one in document["lines"]]


def _row(line: Document, address: str) -> dict[str, Any]:
    snapshot = line["snapshot"]
    row = {"line": line["title"], "line_note": line["label"], "formula": line["formula"], "amount": line["amount"]}
    frozen = format_html('<a href="{}">Snapshot {}</a>', address, line["sha256"][:8])
    return {**row, **rule_words(snapshot), "data": fact_words(snapshot), "data_note": frozen}


def chosen(document: Document, number: str) -> Document | None:
    """Return the line of that number, else the last one; None of an empty statement."""
    lines: Sequence[Document] = document["lines"]
    return next((one for one in lines if str(one["number"]) == number), lines[-1] if lines else None)


def figures(shown: Shown) -> list[dict[str, Any]]:
    """Return the four facts above the lines."""
    document = shown.document
    total = Decimal(document["total"])
    return [
        {"label": "To pay" if total >= 0 else "Credit", "value": money(total), "note": document["currency"]},
        _due(document),
        _against(shown, total),
        _approved(document),
    ]


def _due(document: Document) -> dict[str, Any]:
    days = f"{document['net_days']} days"
    if document["due_on"]:
        return {"label": "Due", "value": day(date.fromisoformat(document["due_on"])), "note": days}
    return {"label": "Due", "value": days, "note": "after it is final"}


def _against(shown: Shown, total: Decimal) -> dict[str, Any]:
    document = shown.document
    month = date.fromisoformat(document["period"])
    before = month - timedelta(days=1)
    if shown.own:
        earlier = Statement.objects.for_page().filter(contract=shown.own.contract, period=before.replace(day=1)).first()
        amount = statement_document(earlier)["total"] if earlier else None
    else:
        amount = next(
            (
                one.document["total"]
                for one in Received.objects.statements()
                if one.document["contract"]["id"] == document["contract"]["id"]
                and one.document["period"] == before.replace(day=1).isoformat()
            ),
            None,
        )
    label = f"Against {before:%B}"
    if amount is None:
        return {"label": label, "value": "–", "note": "no statement"}
    return {"label": label, "value": signed(total - Decimal(amount), 2), "note": f"from {money(Decimal(amount))}"}


def _approved(document: Document) -> dict[str, Any]:
    if document["finalized_at"]:
        when = day(datetime.fromisoformat(document["finalized_at"]))
        return {"label": "Approved by", "value": "2 of 2", "note": f"final since {when}"}
    if document["reviewed_at"]:
        when = day(datetime.fromisoformat(document["reviewed_at"]))
        return {"label": "Approved by", "value": "1 of 2", "note": f"reviewed {when}"}
    return {"label": "Approved by", "value": "0 of 2", "note": "nobody yet"}
