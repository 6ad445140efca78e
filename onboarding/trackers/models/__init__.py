"""Imports of trackers."""

from onboarding.trackers.models.tracker import TrackerImport

__all__ = ["TrackerImport"]
