"""Credentials: what somebody can show for what they learned."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """Certificates and their public verification."""

    name = "training.credentials"
    verbose_name = "Credentials"

    def ready(self) -> None:
        """Declare the vocabulary."""
        from training.credentials import audit  # noqa: F401
