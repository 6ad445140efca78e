"""Deployments: one tool version at one site, from interest to lasting use."""

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """Programs, waves, deployments, items, teams, evidence and comments."""

    name = "onboarding.deployments"
    verbose_name = "Deployments"
