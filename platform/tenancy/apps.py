"""Tenancy: organizations, their sites, and the two walls between them."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """The lowest layer; it knows nobody above it."""

    name = "tenancy"
    verbose_name = "Tenancy"
