"""Installed under `config.settings.faults` only."""

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Declares what the reminders of a fault run are about."""

    name = "testing.faults"
    label = "testing_faults"
