"""Take a tracker in: read it, keep its rows, suggest what its columns mean. The checklist is not touched."""

import hashlib

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.trackers import audit
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import TrackerRefused
from onboarding.trackers.sheets import read_sheets


def upload(deployment: Deployment, content: bytes, file_name: str, *, by: Actor, sheet: str = "") -> TrackerImport:
    """Keep a tracker with the sheet named, or the one that looks most like a tracker.

    Raises UnreadableRosterError, with nothing kept, for a file that is no table.
    """
    name = file_name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][-200:]
    first, *others = [one.plain() for one in read_sheets(content, name, sheet=sheet)]
    tracker = TrackerImport(
        deployment=deployment,
        file_name=name,
        file_sha256=hashlib.sha256(content).hexdigest(),
        others=others,
        created_by_id=by.person_id,
    )
    tracker.lay_out(first)
    with transaction.atomic():  # reading took its time before
        tracker.save(force_insert=True)
        record(audit.TRACKER_UPLOADED, by=by, subject=tracker, deployment_id=deployment.pk, rows=len(tracker.rows))
    return tracker


@transaction.atomic
def choose_sheet(tracker: TrackerImport, sheet: str, *, by: Actor) -> None:
    """Look at another sheet of the workbook instead; what was said of the columns and rows of this one is forgotten.

    Raises TrackerRefused for a sheet that is not there, and once the tracker is imported.
    """
    tracker = tracker.opened()
    if sheet == tracker.sheet:
        return
    wanted = next((one for one in tracker.others if one["sheet"] == sheet), None)
    if wanted is None:
        raise TrackerRefused(f"{tracker.file_name} has no sheet “{sheet[:60]}” that holds a table.")
    tracker.others = [one for one in tracker.others if one is not wanted] + [tracker.laid_out()]
    tracker.lay_out(wanted)
    tracker.choices = {}
    tracker.save(update_fields=["others", "choices", "mapping", *TrackerImport.OF_A_SHEET])
    record(audit.TRACKER_MAPPED, by=by, subject=tracker, deployment_id=tracker.deployment_id)
