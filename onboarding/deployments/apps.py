"""Deployments: one tool version at one site, from interest to lasting use."""

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """Programs, waves, deployments, items, teams, evidence and comments."""

    name = "onboarding.deployments"
    verbose_name = "Deployments"

    def ready(self) -> None:
        """Declare the reminders and the nightly job, and show the pages in the navigation."""
        from access.permissions import Permission
        from onboarding.deployments import expiring, jobs, notices, waiting  # noqa: F401
        from onboarding.deployments.actions.follow_paper import follow_paper
        from onboarding.deployments.approvals import asked_of
        from onboarding.deployments.inbox import APPROVALS, waiting_count
        from onboarding.deployments.web import search
        from onboarding.vault.following import AFTER_REVIEW
        from web.navigation import ADMIN, ORGANIZATION, WORK, Entry, register

        AFTER_REVIEW.append(follow_paper)
        APPROVALS.append(asked_of)
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
                ADMIN,
                "Approvals by mail",
                "vote",
                "deployments:approval_policy",
                Permission.POLICY_MANAGE,
                order=60,
                host_only=True,
            ),
            Entry(
                ORGANIZATION, "Programs", "list", "deployments:programs", Permission.PLAYBOOK_READ, order=10, key="d"
            ),
        )
        search.enter()
