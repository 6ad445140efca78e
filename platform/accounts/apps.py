"""Accounts: people, memberships, sign-in, and the organization in the URL."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and where they belong."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Register the pages."""
        from accounts.web import navigation, search

        navigation.enter()
        search.enter()
