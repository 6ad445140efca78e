"""Go-live: gates computed from facts, reviews with votes and signatures, waivers, go-live and rollback."""

from django.apps import AppConfig


class GoliveConfig(AppConfig):
    """Gates look at a deployment whenever its items or team change."""

    name = "onboarding.golive"
    verbose_name = "Go-live"

    def ready(self) -> None:
        """Let the gates follow the items, the facts and the clock."""
        from importlib import import_module

        from facts.models import AFTER_STATEMENT
        from onboarding.deployments.inbox import APPROVALS
        from onboarding.deployments.models.progress import AFTER_PROGRESS
        from onboarding.golive.approvals import wanted
        from onboarding.golive.gates import look_again, recompute

        AFTER_PROGRESS.append(recompute)
        AFTER_STATEMENT.append(look_again)
        APPROVALS.append(wanted)
        import_module("onboarding.golive.sweep")
