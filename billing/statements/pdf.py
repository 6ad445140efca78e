"""A statement as PDF: tagged for screen readers (PDF/UA-1), the same bytes each time, the hash of a final one printed."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst

from billing.statements import rules
from billing.statements.wording import fact_words, rule_words
from web.formats import money

TEMPLATE = Path(__file__).with_name("statement.typ")


def pdf_of(document: Mapping[str, Any]) -> bytes:
    """Return the statement as PDF. Dates on paper are written out: they are read years later."""
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"data": json.dumps(paper(document), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=int(datetime.fromisoformat(document["finalized_at"] or document["opened_at"]).timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def paper(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of the paper."""
    final, currency = bool(document["sha256"]), document["currency"]
    due = _long(date.fromisoformat(document["due_on"])) if document["due_on"] else ""
    payer, vendor = document["payer"]["name"], document["vendor"]["name"]
    contract = document["contract"]
    return {
        "title": document["title"],
        "payer": payer,
        "reference": document["reference"],
        "currency": currency,
        "lead": f"{payer} to {vendor} · contract {contract['reference']}, {contract['title']} · statement {document['reference']}",
        "figures": [
            {"label": "To pay", "value": money(document["total"]), "note": currency},
            {
                "label": "Due",
                "value": due or f"{document['net_days']} days",
                "note": "" if due else "after it is final",
            },
            {"label": "State", "value": document["state_title"], "note": ""},
            {"label": "Approved by", "value": _approved(document), "note": ""},
        ],
        "lines": [_line(one) for one in document["lines"]],
        "total_words": f"To pay by {due}" if due else "To pay, not final",
        "total": money(document["total"]),
        "sha256": document["sha256"],
        "seal_words": f"SHA-256 {document['sha256'][:16]}…" if final else f"{document['state_title']}, not final",
        "seal_title": "This statement is final and cannot be edited" if final else "This statement is not final",
        "seal_text": (
            "A correction is a line on a later statement. SHA-256 over parties, month, lines with their snapshots, and total:"
            if final
            else "It becomes final when a second person has approved it. Until then it may still take lines."
        ),
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    snapshot = line["snapshot"]
    fact = snapshot.get("fact")
    return {
        "number": str(line["number"]),
        "line": line["title"],
        "line_note": line["label"],
        **rule_words(snapshot),
        "data": fact["what"] if fact else fact_words(snapshot),
        "data_note": _long(datetime.fromisoformat(fact["at"])) + f", event {fact['event'][:8]}" if fact else "",
        "formula": line["formula"],
        "amount": money(line["amount"]),
        "sha256": line["sha256"],
        "steps": [{"label": a, "figure": b, "words": c} for a, b, c in rules.steps(snapshot)],
    }


def _approved(document: Mapping[str, Any]) -> str:
    return "2 of 2" if document["finalized_at"] else "1 of 2" if document["reviewed_at"] else "0 of 2"


def _long(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
