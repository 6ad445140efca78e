"""Say what the columns and the rows of a tracker mean."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.trackers import audit
from onboarding.trackers.fields import BY_KEY
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import TrackerRefused


@transaction.atomic
def map_columns(tracker: TrackerImport, mapping: dict[str, str], *, by: Actor) -> None:
    """Set which column fills which field; raise TrackerRefused for a column twice, or without the task's."""
    tracker = tracker.opened()
    wanted = {key: label for key, label in mapping.items() if label}
    if unknown := [label for key, label in wanted.items() if key not in BY_KEY or label not in tracker.columns]:
        raise TrackerRefused(f"{tracker.file_name} has no column {', '.join(unknown)}.")
    if "title" not in wanted:
        raise TrackerRefused("Choose the column that holds the tasks.")
    if len(set(wanted.values())) < len(wanted):
        raise TrackerRefused("A column fills one field: one is chosen twice.")
    if wanted == tracker.mapping:
        return
    tracker.mapping, tracker.choices = wanted, {}
    tracker.save(update_fields=["mapping", "choices"])
    record(audit.TRACKER_MAPPED, by=by, subject=tracker, deployment_id=tracker.deployment_id)


@transaction.atomic
def choose_rows(tracker: TrackerImport, choices: dict[str, str], *, by: Actor) -> None:
    """Keep what a person said of single rows: an item's id, `local` or `skip`. Raises TrackerRefused for an item twice."""
    tracker = tracker.opened()
    merged: dict[str, Any] = {**tracker.choices, **choices}
    items = [value for value in merged.values() if len(value) > 10]
    if len(set(items)) < len(items):
        raise TrackerRefused("Two rows are the same item: choose another one, or leave one row out.")
    if merged == tracker.choices:
        return
    tracker.choices = merged
    tracker.save(update_fields=["choices"])
    record(audit.TRACKER_MAPPED, by=by, subject=tracker, deployment_id=tracker.deployment_id)
