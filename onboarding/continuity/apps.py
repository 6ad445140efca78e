"""Continuity: who carries a tool at a site, and for how long it is paid."""

from django.apps import AppConfig


class ContinuityConfig(AppConfig):
    """A page of each deployment, facts, and a nightly look."""

    name = "onboarding.continuity"
    verbose_name = "Continuity"

    def ready(self) -> None:
        """Show the page."""
        from access.permissions import Permission
        from onboarding.continuity import jobs, notices  # noqa: F401
        from onboarding.deployments.web.frame import Tab, register

        register(Tab("Continuity", "continuity:show", Permission.COMMENT_INTERNAL, order=46))
