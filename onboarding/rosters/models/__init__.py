"""Imports of rosters and the reference data they are joined with."""

from onboarding.rosters.models.reference import RuralCode, VulnerabilityIndex
from onboarding.rosters.models.roster_import import RosterImport
from onboarding.rosters.models.roster_row import RosterRow

__all__ = ["RosterImport", "RosterRow", "RuralCode", "VulnerabilityIndex"]
