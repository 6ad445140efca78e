"""Log entries and routines."""

from onboarding.logbook.models.entry import LogEntry
from onboarding.logbook.models.routine import Routine

__all__ = ["LogEntry", "Routine"]
