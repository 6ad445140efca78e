"""Notices: reminders, digests, escalation, the delivery ledger, and the jobs that run by the clock."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps


class NoticesConfig(AppConfig):
    """Loads every app's `notices.py` (kinds, parts of the weekly digest) and `jobs.py`."""

    name = "notices"
    verbose_name = "Notices"

    def ready(self) -> None:
        """Read what the apps declare; put the pages into the navigation."""
        import_module("notices.addresses")
        import_module("notices.engine")
        import_module("notices.jobs")
        import_module("notices.planners")
        import_module("notices.watch")
        import_module("notices.weekly")
        for config in apps.get_app_configs():
            for part in ("notices", "jobs"):
                if config.name != self.name and find_spec(f"{config.name}.{part}"):
                    import_module(f"{config.name}.{part}")
        import_module("notices.web.navigation")
