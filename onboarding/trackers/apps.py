"""Trackers: the spreadsheet a team kept until now, brought over onto a deployment's checklist."""

from django.apps import AppConfig


class TrackersConfig(AppConfig):
    """Imports of trackers."""

    name = "onboarding.trackers"
    label = "trackers"
    verbose_name = "Tracker imports"

    def ready(self) -> None:
        """Let an import be undone from the ledger of changes."""
        from onboarding.deployments.actions.undo_change import UNDO, undo_items
        from onboarding.deployments.models import Change

        UNDO[Change.Kind.TRACKER] = undo_items
