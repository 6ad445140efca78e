"""The signed address of a status link: bound to the organization and the link's row, one and the same at every time, and good for reading only."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from onboarding.deployments.models import StatusLink
from tenancy.models import Organization

SALT = "deployments.status"


def address_of(link: StatusLink, slug: str) -> str:
    """Return the full address, to be handed on."""
    token = signing.Signer(salt=SALT).sign_object(_bound(link))
    return f"{settings.PUBLIC_ADDRESS}{reverse('status', kwargs={'org': slug, 'token': token})}"


def read(token: str, organization: Organization) -> StatusLink | None:
    """Return the link of a token, in the organization's scope; None if it was changed, exchanged, or opens nothing now."""
    try:
        bound = signing.Signer(salt=SALT).unsign_object(token)
        found = (
            StatusLink.objects.filter(pk=UUID(bound[1]))
            .select_related("program__tool_version__tool", "program__playbook_version")
            .first()
        )
    except (signing.BadSignature, ValueError, TypeError, IndexError, AttributeError):
        return None
    if found is None or bound != _bound(found) or bound[0] != str(organization.pk):
        return None
    return found if found.is_open else None


def _bound(link: StatusLink) -> list[str]:
    return [str(link.organization_id), str(link.pk), link.key]
