"""Runs of the runbook, their steps, the command log, and the alarms that ask for a decision."""

from onboarding.cutover.models.alarm import Alarm
from onboarding.cutover.models.run import Run, RunRefused, StepConflict
from onboarding.cutover.models.step import LogEntry, Step

__all__ = ["Alarm", "LogEntry", "Run", "RunRefused", "Step", "StepConflict"]
