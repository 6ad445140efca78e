"""Scheduled audits: what must hold, looked at by the clock; findings that end in somebody's signature."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class AssuranceConfig(AppConfig):
    """Loads every app's `assurance.py`: the checks are closed once the apps are ready."""

    name = "assurance"
    verbose_name = "Audits"

    def ready(self) -> None:
        """Read the checks, declare reminders and jobs, and show the pages."""
        for module in (
            "checks.access_review",
            "checks.deliveries",
            "packs.own",
            "packs.making",
            "notices",
            "jobs",
            "web.navigation",
        ):
            import_module(f"{self.name}.{module}")
        for config in apps.get_app_configs():
            if config.name != self.name and find_spec(f"{config.name}.assurance"):
                import_module(f"{config.name}.assurance")
