"""The log of a deployment or program: its risks, issues and decisions; and the work that comes round again."""

from django.apps import AppConfig


class LogbookConfig(AppConfig):
    """Log entries and routines."""

    name = "onboarding.logbook"
    label = "logbook"
    verbose_name = "Log and routines"

    def ready(self) -> None:
        """Show the pages, and let changes of added items be undone."""
        from access.permissions import Permission
        from onboarding.deployments.web.frame import Tab
        from onboarding.deployments.web.frame import register as register_tab
        from onboarding.logbook import jobs  # noqa: F401
        from onboarding.logbook.web import search
        from web.navigation import ORGANIZATION, Entry, register

        register_tab(
            Tab("Log", "logbook:deployment", Permission.COMMENT_INTERNAL, order=60),
            Tab("Routines", "logbook:routines", Permission.COMMENT_INTERNAL, order=70),
        )
        register(
            Entry(
                ORGANIZATION,
                "Risks and decisions",
                "hist",
                "logbook:index",
                Permission.COMMENT_INTERNAL,
                order=15,
                host_only=True,
            )
        )
        search.enter()
