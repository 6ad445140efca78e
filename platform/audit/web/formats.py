"""The sealed log for other programs: as a table, and as OCSF events for a security team's collector.

Both are read batch by batch and can be resumed after any batch (`after`); only the JSON lines of `audit.proofs` carry proofs.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit import proofs
from web.tables import harmless

COLUMNS = (
    "batch", "number", "id", "at", "action", "subject_type", "subject_id", "deployment_id", "actor_kind", "actor_id",
    "actor_organization_id", "actor_process", "data",
)  # fmt: skip
OCSF_VERSION = "1.4.0"
CLASS_ENTITY_MANAGEMENT, CATEGORY_IAM, OTHER, INFORMATIONAL, SUCCESS = 3004, 3, 99, 1, 1


def as_csv(organization_id: UUID, after: int = 0) -> Iterator[str]:
    """Yield the events as CSV; `batch` says how far a broken download came. Formula characters are made harmless."""
    yield _row(COLUMNS)
    for batch, number, event in _events(organization_id, after):
        at = datetime.fromtimestamp(event["at"] / 1_000_000, UTC).isoformat(timespec="microseconds")
        told = json.dumps(event["data"], ensure_ascii=False)
        values = {**event, "batch": batch, "number": number, "at": at, "data": told}
        yield _row([harmless(values.get(name)) for name in COLUMNS])


def as_ocsf(organization_id: UUID, after: int = 0) -> Iterator[str]:
    """Yield the events as JSON lines of OCSF's class Entity Management (3004); the verb is `activity_name`.

    Source: schema.ocsf.io, version 1.4.0, entity_management. Times are milliseconds since 1970.
    """
    for batch, number, event in _events(organization_id, after):
        yield json.dumps(_ocsf(batch, number, event), separators=(",", ":"), ensure_ascii=False) + "\n"


FORMATS: dict[str, tuple[str, str, Callable[[UUID, int], Iterator[str]]]] = {
    "jsonl": ("application/x-ndjson", "jsonl", proofs.export),
    "csv": ("text/csv; charset=utf-8", "csv", as_csv),
    "ocsf": ("application/x-ndjson", "ocsf.jsonl", as_ocsf),
}
"""Name to content type, ending and writer."""


def _events(organization_id: UUID, after: int) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for batch, rows in proofs.sealed(organization_id, after):
        for number, _, _, text in rows:
            yield batch.number, number, json.loads(text)


def _ocsf(batch: int, number: int, event: dict[str, Any]) -> dict[str, Any]:
    user = {"uid": event["actor_id"]} if event["actor_id"] else {"name": event["actor_process"] or event["actor_kind"]}
    if event["actor_organization_id"]:
        user["org"] = {"uid": event["actor_organization_id"]}
    return {
        "class_uid": CLASS_ENTITY_MANAGEMENT,
        "category_uid": CATEGORY_IAM,
        "activity_id": OTHER,
        "activity_name": event["action"],
        "type_uid": CLASS_ENTITY_MANAGEMENT * 100 + OTHER,
        "severity_id": INFORMATIONAL,
        "status_id": SUCCESS,
        "time": event["at"] // 1000,
        "actor": {"user": user},
        "entity": {"uid": event["subject_id"], "type": event["subject_type"]},
        "metadata": {
            "uid": event["id"],
            "sequence": number,
            "version": OCSF_VERSION,
            "tenant_uid": event["organization_id"],
            "product": {"name": "Causeway", "vendor_name": "Causeway"},
        },
        "unmapped": {"batch": batch, "deployment_id": event["deployment_id"], "data": event["data"]},
    }


def _row(values: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()
