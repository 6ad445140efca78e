"""Decommission: a deployment ended cleanly, with certificates that anybody can check."""

from django.apps import AppConfig


class DecommissionConfig(AppConfig):
    """A page of each deployment, reached from its reviews and from Continuity."""

    name = "onboarding.decommission"
    verbose_name = "Decommission"

    def ready(self) -> None:
        """Declare the reminders."""
        from onboarding.decommission import notices  # noqa: F401
