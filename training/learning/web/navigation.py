"""Where learning stands in the sidebar."""

from access.permissions import Permission
from web.navigation import ORGANIZATION, WORK, Entry, register


def register_entries() -> None:
    """Add the pages."""
    register(
        Entry(WORK, "My learning", "book", "learning:mine", Permission.TRAINING_LEARN, order=30, tab=True, key="l"),
        Entry(ORGANIZATION, "Training", "vote", "training:coverage", Permission.TRAINING_READ, order=40, key="t"),
    )
