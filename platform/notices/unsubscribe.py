"""The link in a digest that stops it (RFC 8058): bound to the organization and the person, and good for nothing else."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from tenancy.models import Organization

SALT = "notices.unsubscribe"


def link(organization: Organization, user_id: UUID) -> str:
    """Return the full address for one person's digest of one organization."""
    token = signing.dumps([str(organization.pk), str(user_id)], salt=SALT, compress=False)
    path = reverse("unsubscribe", kwargs={"org": organization.slug, "token": token})
    return f"{settings.PUBLIC_ADDRESS}{path}"


def read(token: str, organization: Organization) -> UUID | None:
    """Return the person of a link; None if it was changed or belongs to another organization."""
    try:
        organization_id, user_id = signing.loads(token, salt=SALT)
        return UUID(user_id) if organization_id == str(organization.pk) else None
    except (signing.BadSignature, ValueError, TypeError):
        return None
