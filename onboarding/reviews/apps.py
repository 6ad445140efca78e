"""Reviews after go-live: 30, 60, 90, 180 and 365 days."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """A page of each deployment."""

    name = "onboarding.reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        """Show the pages and declare the reminders."""
        from access.permissions import Permission
        from onboarding.deployments.web.frame import Tab
        from onboarding.deployments.web.frame import register as register_tab
        from onboarding.reviews import jobs, notices  # noqa: F401
        from web.navigation import WORK, Entry, register

        register_tab(Tab("Reviews", "reviews:index", Permission.COMMENT_INTERNAL, order=44))
        register(
            Entry(WORK, "Reviews", "cal", "reviews:calendar", Permission.COMMENT_INTERNAL, order=45, host_only=True)
        )
