"""Site rosters: imports, the reference data they are joined with, and the sites' pages."""

from django.apps import AppConfig


class RostersConfig(AppConfig):
    """Imports of site rosters."""

    name = "onboarding.rosters"
    label = "rosters"
    verbose_name = "Site rosters"
