"""Deployments: one tool version at one site, from interest to lasting use."""

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """Programs, waves, deployments, items, teams, evidence and comments."""

    name = "onboarding.deployments"
    verbose_name = "Deployments"

    def ready(self) -> None:
        """Show the pages in the navigation."""
        from access.permissions import Permission
        from web.navigation import ORGANIZATION, Entry, register

        register(
            Entry(
                ORGANIZATION, "Programs", "list", "deployments:programs", Permission.PLAYBOOK_READ, order=10, key="d"
            ),
        )
