"""A statement's lines for a spreadsheet or a ledger."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from web.tables import harmless

COLUMNS = (
    "statement", "month", "state", "payer", "vendor", "line", "kind", "title", "deployment", "event", "at",
    "formula", "amount", "currency", "snapshot_sha256",
)  # fmt: skip


def csv_of(document: Mapping[str, Any]) -> bytes:
    """Return the lines as CSV (UTF-8 with a mark, so that Excel reads the names right)."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for line in document["lines"]:
        fact = line["snapshot"].get("fact", {})
        words = (
            document["reference"], document["period"][:7], document["state"], document["payer"]["name"],
            document["vendor"]["name"], str(line["number"]), line["kind"], line["title"], line["label"],
            fact.get("event", ""), fact.get("at", ""), line["formula"],
        )  # fmt: skip
        writer.writerow([*map(harmless, words), line["amount"], document["currency"], line["sha256"]])
    return target.getvalue().encode("utf-8-sig")
