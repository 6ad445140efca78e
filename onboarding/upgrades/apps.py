"""Upgrades: running deployments move to a newer playbook version without losing what was done on them."""

from django.apps import AppConfig


class UpgradesConfig(AppConfig):
    """The three-way merge, its ledger, and the way back."""

    name = "onboarding.upgrades"
    verbose_name = "Upgrades"
