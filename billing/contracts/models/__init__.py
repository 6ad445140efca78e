"""Contracts, their milestones and what they cover."""

from billing.contracts.models.contract import Contract
from billing.contracts.models.coverage import Coverage, FactRoute
from billing.contracts.models.milestone import Milestone

__all__ = ["Contract", "Coverage", "FactRoute", "Milestone"]
