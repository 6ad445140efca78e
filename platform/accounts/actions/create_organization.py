"""Create an organization with its first owner."""

from django.db import transaction

from access.permissions import Role
from accounts import audit
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models.event import record
from tenancy.models import Organization
from tenancy.scope import scope


@transaction.atomic
def create_organization(
    *, name: str, slug: str, kind: str, owner: User, by: Actor, country: str = "US", time_zone: str = "America/New_York"
) -> Organization:
    """Create the tenant and make `owner` its owner; raise ValidationError naming the field for a bad or taken slug."""
    organization = Organization(name=name, slug=slug, kind=kind, country=country, time_zone=time_zone)
    organization.full_clean()
    organization.save(force_insert=True)
    with scope(organization.pk):
        record(audit.ORGANIZATION_CREATED, by=by, subject=organization, name=name)
        Membership.add(owner, roles=[Role.OWNER], by=by)
    return organization
