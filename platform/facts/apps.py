"""Facts: typed, timestamped statements; criteria are expressions over them."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class FactsConfig(AppConfig):
    """Loads every app's `facts.py`: the kinds are closed once the apps are ready."""

    name = "facts"
    verbose_name = "Facts"

    def ready(self) -> None:
        """Read the kinds."""
        for config in apps.get_app_configs():
            if config.name != self.name and find_spec(f"{config.name}.facts"):
                import_module(f"{config.name}.facts")
