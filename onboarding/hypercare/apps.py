"""Hypercare: the weeks after go-live, with a register of defects and requests and an exit that is computed."""

from django.apps import AppConfig


class HypercareConfig(AppConfig):
    """Pages of each deployment, figures from the register, and a job that closes each day."""

    name = "onboarding.hypercare"
    verbose_name = "Hypercare"

    def ready(self) -> None:
        """Let the figures follow the tickets, and show the pages."""
        from access.permissions import Permission
        from onboarding.deployments.web.frame import Tab, register
        from onboarding.hypercare import jobs, notices  # noqa: F401
        from onboarding.hypercare.models.ticket import AFTER_TICKET
        from onboarding.hypercare.register import state_register

        AFTER_TICKET.append(state_register)
        register(
            Tab("Hypercare", "hypercare:overview", Permission.GATE_READ, order=40),
            Tab("Defects", "hypercare:tickets", Permission.ITEM_READ, order=42),
        )
