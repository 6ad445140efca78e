"""Contracts: what a payer owes a vendor, and for which milestones."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """Contracts live with the organization that pays."""

    name = "billing.contracts"
    label = "contracts"
    verbose_name = "Contracts"
