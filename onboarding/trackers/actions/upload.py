"""Take a tracker in: read it, keep its rows, suggest what its columns mean. The checklist is not touched."""

import hashlib

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.rosters.reading import Limits, Table
from onboarding.trackers import audit
from onboarding.trackers.fields import suggest, with_header
from onboarding.trackers.models import TrackerImport

LIMITS = Limits(size=10 * 1024 * 1024, rows=2000, columns=80)
LONGEST_CELL = 2000


@transaction.atomic
def upload(deployment: Deployment, content: bytes, file_name: str, *, by: Actor, sheet: str = "") -> TrackerImport:
    """Keep a tracker; raise UnreadableRosterError, with nothing kept, for a file that is no table."""
    name = file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][-200:]
    table = with_header(content, name, sheet=sheet, limits=LIMITS)
    found = suggest(table)
    tracker = TrackerImport(
        deployment=deployment,
        file_name=name,
        file_sha256=hashlib.sha256(content).hexdigest(),
        notes=_notes(table),
        columns=[column.label for column in table.columns],
        rows=[
            [row.number, [value.replace("\0", "").strip()[:LONGEST_CELL] for value in row.values]]
            for row in table.rows()
        ],
        suggestions=[
            {"field": one.field, "column": one.column, "confidence": one.confidence, "reason": one.reason}
            for one in found
        ],
        mapping={one.field: one.column for one in found},
        created_by_id=by.person_id,
    )
    tracker.save(force_insert=True)
    record(audit.TRACKER_UPLOADED, by=by, subject=tracker, deployment_id=deployment.pk, rows=len(tracker.rows))
    return tracker


def _notes(table: Table) -> list[str]:
    notes = list(table.notes)
    if table.header_row > 1:
        notes.append(f"Rows 1 to {table.header_row - 1} stand above the header and were skipped.")
    if not table.header_row:
        notes.append("The file has no header; its columns are numbered.")
    if len(table.sheets) > 1:
        notes.append(f"The workbook has {len(table.sheets)} sheets; “{table.sheet}” was read.")
    return notes
