"""What happens to log entries and routines."""

from audit.vocabulary import action

ENTRY_WRITTEN = action("log.written", "wrote {code} into the log")
ENTRY_CHANGED = action("log.changed", "changed {code}")
ENTRY_HAPPENED = action("log.happened", "noted that {code} has happened: it is an issue now")
ENTRY_CLOSED = action("log.closed", "closed {code}")
ENTRY_REOPENED = action("log.reopened", "opened {code} again")
ROUTINE_STARTED = action("routine.started", "began a routine")
ROUTINE_ENDED = action("routine.ended", "ended a routine")
