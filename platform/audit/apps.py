"""Audit: the event log (which is also the outbox), row history, and the proof that neither was changed."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class AuditConfig(AppConfig):
    """Loads every app's `audit.py`: the vocabulary is closed once the apps are ready."""

    name = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        """Read the vocabularies."""
        for config in apps.get_app_configs():
            if config.name != self.name and find_spec(f"{config.name}.audit"):
                import_module(f"{config.name}.audit")
        import_module("audit.relay")
        import_module("audit.sealing")
        import_module("audit.web.navigation")
