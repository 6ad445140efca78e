"""Playbooks: what an onboarding consists of, in published versions."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """Templates and the tools they bring into use."""

    name = "onboarding.playbooks"
    verbose_name = "Playbooks"
