"""What happens to chains of windows."""

from audit.vocabulary import action

BEGUN = action("window_series.begun", "began {chain} for {title}, counted from {starts_on}")
ENDED = action("window_series.ended", "ended {title}: {reason}")
COMPLETED = action("window_series.completed", "completed {title}: every window was closed")
MET = action("window.met", "handed in {window} of {title} on {on}")
CORRECTED = action("window.corrected", "corrected the day of {window} of {title} from {before} to {on}: {reason}")
TAKEN_BACK = action("window.taken_back", "took back {window} of {title}: {reason}")
COUNTED_ANEW = action("window_series.counted_anew", "counted {title} from {starts_on} instead of {before}: {reason}")
MISSED = action("window.missed", "missed {window} of {title}: it closed on {closes_on}")
HANDED_ON = action("window_series.handed_on", "handed {title} on to {keeper}")
