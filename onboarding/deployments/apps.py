"""Deployments: one tool version at one site, from interest to lasting use."""

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """Programs, waves, deployments, items, teams, evidence and comments."""

    name = "onboarding.deployments"
    verbose_name = "Deployments"

    def ready(self) -> None:
        """Declare the reminders and the nightly job, and show the pages in the navigation."""
        from access.permissions import Permission
        from onboarding.deployments import jobs, notices  # noqa: F401
        from onboarding.deployments.inbox import waiting_count
        from onboarding.deployments.web import search
        from web.navigation import ORGANIZATION, WORK, Entry, register

        register(
            Entry(
                WORK,
                "Inbox",
                "inbox",
                "deployments:inbox",
                Permission.ITEM_READ,
                order=10,
                tab=True,
                key="i",
                count=waiting_count,
            ),
            Entry(
                WORK,
                "Portfolio",
                "grid",
                "deployments:portfolio",
                Permission.DEPLOYMENT_READ,
                order=20,
                tab=True,
                key="p",
                host_only=True,
            ),
            Entry(
                ORGANIZATION, "Programs", "list", "deployments:programs", Permission.PLAYBOOK_READ, order=10, key="d"
            ),
        )
        search.enter()
