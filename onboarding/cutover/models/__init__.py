"""Runs of the runbook, their steps, and the command log."""

from onboarding.cutover.models.run import Run, RunRefused, StepConflict
from onboarding.cutover.models.step import LogEntry, Step

__all__ = ["LogEntry", "Run", "RunRefused", "Step", "StepConflict"]
