"""Waves over several organizations."""

from django.apps import AppConfig


class JointConfig(AppConfig):
    """Joint programs at whoever leads them, places at whoever takes part."""

    name = "onboarding.joint"
    verbose_name = "Joint waves"

    def ready(self) -> None:
        """Let a joint wave hold a go-live, and show the page in the navigation."""
        from access.permissions import Permission
        from onboarding.deployments.inbox import APPROVALS
        from onboarding.deployments.models.progress import GO_LIVE_GUARDS
        from onboarding.joint.actions.run_joint_wave import may_go_live
        from onboarding.joint.approvals import offered_to
        from web.navigation import WORK, Entry, register

        APPROVALS.append(offered_to)
        if may_go_live not in GO_LIVE_GUARDS:
            GO_LIVE_GUARDS.append(may_go_live)
        register(
            Entry(WORK, "Joint waves", "gantt", "joint:index", Permission.DEPLOYMENT_PLAN, order=32, host_only=True)
        )
