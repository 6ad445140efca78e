"""Statements: from milestones reached to money due, each line with its rule, its fact and its formula."""

from importlib import import_module

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    """Statements follow events (config/reactions.py) and stand on contracts."""

    name = "billing.statements"
    label = "statements"
    verbose_name = "Statements"

    def ready(self) -> None:
        """Put the pages into the navigation."""
        import_module("billing.statements.web.navigation")
