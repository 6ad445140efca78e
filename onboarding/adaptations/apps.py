"""Adaptations: what a site does differently from its playbook, recorded when it is done, offered back to the author."""

from django.apps import AppConfig


class AdaptationsConfig(AppConfig):
    """The record (FRAME) and its report."""

    name = "onboarding.adaptations"
    verbose_name = "Adaptations"

    def ready(self) -> None:
        """Show the report in the navigation."""
        from access.permissions import Permission
        from web.navigation import ORGANIZATION, Entry, register

        register(Entry(ORGANIZATION, "Adaptations", "sliders", "adaptations:list", Permission.PLAYBOOK_READ, order=25))
