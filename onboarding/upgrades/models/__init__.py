"""The ledger of upgrades."""

from onboarding.upgrades.models.upgrade import DeploymentUpgrade, Upgrade

__all__ = ["DeploymentUpgrade", "Upgrade"]
