"""Plans: dates moved and committed to, forecast and shown."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Moves, baselines, forecasts, blackout periods and what is shown of them."""

    name = "onboarding.plans"
    verbose_name = "Plans"

    def ready(self) -> None:
        """Declare the nightly job, and show the pages on a deployment."""
        from access.permissions import Permission
        from onboarding.deployments.actions.undo_change import UNDO
        from onboarding.deployments.models import Change
        from onboarding.deployments.models.progress import AFTER_GATE, GO_LIVE_GUARDS
        from onboarding.deployments.web.frame import Tab, register
        from onboarding.plans import jobs  # noqa: F401
        from onboarding.plans.actions.commit_plan import commit_at_gate
        from onboarding.plans.actions.move_many import undo_many
        from onboarding.plans.actions.run_wave import may_go_live
        from onboarding.plans.ical import entries_of
        from web import feeds, navigation

        feeds.source(Permission.ITEM_READ, entries_of)

        if may_go_live not in GO_LIVE_GUARDS:
            GO_LIVE_GUARDS.append(may_go_live)
        if commit_at_gate not in AFTER_GATE:
            AFTER_GATE.append(commit_at_gate)
        UNDO[Change.Kind.GO_LIVES] = undo_many
        register(Tab("Timeline", "plans:timeline", Permission.ITEM_READ, order=12))
        register(Tab("Board", "plans:board", Permission.ITEM_READ, order=13))
        register(Tab("Calendar", "plans:calendar", Permission.ITEM_READ, order=14))
        navigation.register(
            navigation.Entry(
                navigation.WORK,
                "Workload",
                "people",
                "plans:workload",
                Permission.DEPLOYMENT_PLAN,
                order=30,
                host_only=True,
            )
        )
