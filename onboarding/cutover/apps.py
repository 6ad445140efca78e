"""Cut-over: the runbook of a go-live, rehearsed, run and, where it must be, run backwards."""

from django.apps import AppConfig


class CutoverConfig(AppConfig):
    """A page of each deployment."""

    name = "onboarding.cutover"
    verbose_name = "Cut-over"

    def ready(self) -> None:
        """Add the tab, show alarms wherever people look, and let the triggers follow the clock."""
        from importlib import import_module

        from access.permissions import Permission
        from onboarding.cutover.waiting import alarms_at, wanted
        from onboarding.deployments.alerts import SOURCES
        from onboarding.deployments.inbox import URGENT
        from onboarding.deployments.web.frame import Tab, register

        register(Tab("Cut-over", "cutover:overview", Permission.ITEM_READ, order=30))
        SOURCES.append(alarms_at)
        URGENT.append(wanted)
        import_module("onboarding.cutover.sweep")
