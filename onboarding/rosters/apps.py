"""Site rosters: imports, the reference data they are joined with, and the sites' pages."""

from django.apps import AppConfig


class RostersConfig(AppConfig):
    """Imports of site rosters."""

    name = "onboarding.rosters"
    label = "rosters"
    verbose_name = "Site rosters"

    def ready(self) -> None:
        """Register the pages."""
        from importlib import import_module

        from access.permissions import Permission
        from onboarding.rosters.web import search
        from web.navigation import ADMIN, ORGANIZATION, Entry, register

        register(
            Entry(ORGANIZATION, "Sites", "bank", "sites:list", Permission.SITE_READ, order=30),
            Entry(ADMIN, "Imports", "up", "imports:list", Permission.IMPORT_RUN, order=40),
        )
        search.enter()
        import_module("onboarding.rosters.resume")
