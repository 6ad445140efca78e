"""What happens to imported trackers."""

from audit.vocabulary import action

TRACKER_UPLOADED = action("tracker.uploaded", "uploaded a tracker of {rows} rows")
TRACKER_MAPPED = action("tracker.mapped", "said what the columns or rows of a tracker mean")
TRACKER_IMPORTED = action("tracker.imported", "imported a tracker: {changed} items changed, {added} added")
