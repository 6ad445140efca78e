"""The API: what every endpoint stands on, and the endpoints of what belongs to no domain."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """One table: the requests that may be sent twice."""

    name = "api"
    verbose_name = "API"

    def ready(self) -> None:
        """Register the page that shows the schema."""
        from api.web.navigation import enter

        enter()
