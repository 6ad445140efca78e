"""The design system as a Django app: templates, static files, the helpers that render them."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Holds no models; owns what every page looks like."""

    name = "web"
    verbose_name = "Web"
