"""Playbooks: what an onboarding consists of, in published versions."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """Templates and the tools they bring into use."""

    name = "onboarding.playbooks"
    verbose_name = "Playbooks"

    def ready(self) -> None:
        """Show the pages in the navigation."""
        from access.permissions import Permission
        from web.navigation import ORGANIZATION, Entry, register

        register(Entry(ORGANIZATION, "Playbooks", "book", "playbooks:index", Permission.PLAYBOOK_READ, order=20))
