"""Stage metrics: how long stages take, how much of each is done, how far sites get, and how peers do."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Pages of the organization, a program and a deployment; a nightly job and the workers' turn."""

    name = "onboarding.metrics"
    verbose_name = "Stage metrics"

    def ready(self) -> None:
        """Show the pages, and let the worker publish."""
        from access.permissions import Permission
        from onboarding.deployments.web.frame import Tab
        from onboarding.deployments.web.frame import register as register_tab
        from onboarding.metrics import actions, jobs  # noqa: F401
        from web.navigation import ORGANIZATION, Entry, register

        register_tab(Tab("Stages", "metrics:deployment", Permission.GATE_READ, order=50))
        register(
            Entry(
                ORGANIZATION,
                "Stage metrics",
                "gantt",
                "metrics:organization",
                Permission.GATE_READ,
                order=18,
                host_only=True,
            )
        )
