"""Go-live: gates computed from facts, reviews with votes and signatures, waivers, go-live and rollback."""

from django.apps import AppConfig


class GoliveConfig(AppConfig):
    """Gates look at a deployment whenever its items or team change."""

    name = "onboarding.golive"
    verbose_name = "Go-live"

    def ready(self) -> None:
        """Let the gates follow the items."""
        from access.permissions import Permission
        from onboarding.deployments.inbox import APPROVALS
        from onboarding.deployments.models.progress import AFTER_PROGRESS
        from onboarding.deployments.web.frame import Tab, register
        from onboarding.golive.approvals import wanted
        from onboarding.golive.gates import recompute

        AFTER_PROGRESS.append(recompute)
        APPROVALS.append(wanted)
        register(Tab("Hypercare", "golive:hypercare", Permission.GATE_READ, order=40))
