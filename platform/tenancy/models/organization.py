"""The directory of organizations: a global table, so it holds nothing that a stranger may not know."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from tenancy.ids import uuid7
from tenancy.scope import current


class Organization(models.Model):
    """A tenant. What is private about it lives in tenant tables."""

    class Kind(models.TextChoices):
        """What part an organization takes in a deployment."""

        HEALTH = "health", "Health organization"
        VENDOR = "vendor", "Vendor"
        FUNDER = "funder", "Funder"
        HUB = "hub", "Hub"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(
        max_length=40,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$", "Use lower-case letters, digits and hyphens.")
        ],
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    country = models.CharField(max_length=2, default="US", help_text="ISO 3166-1 alpha-2")
    time_zone = models.CharField(max_length=64, default="America/New_York", help_text="IANA name")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="organization_slug_once")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def slug_in_scope(cls) -> str:
        """Return the slug of the organization in scope, for addresses that are written outside a request."""
        return str(cls.objects.values_list("slug", flat=True).get(pk=current().organization_id))
