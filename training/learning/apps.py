"""Learning: who has to learn what, how far they are, and who may therefore use the tool."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Assignments, attempts, completions and coverage."""

    name = "training.learning"
    verbose_name = "Learning"

    def ready(self) -> None:
        """Declare the vocabulary, the facts, the reminders, the nightly job and the pages."""
        from access.permissions import Permission
        from training.learning import audit, facts, jobs, live_notices, notices  # noqa: F401
        from training.learning.ical import days_of
        from training.learning.web import navigation
        from web import feeds

        navigation.register_entries()
        feeds.source(Permission.TRAINING_LEARN, days_of)
