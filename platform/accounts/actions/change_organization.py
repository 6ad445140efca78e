"""Change what an organization says about itself."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from audit.actor import Actor
from audit.models.event import record
from tenancy.models import Organization
from tenancy.scope import current

CHANGEABLE = ("name", "time_zone", "country")


@transaction.atomic
def change_organization(*, by: Actor, name: str, time_zone: str, country: str) -> Organization:
    """Change the organization in scope; raise ValidationError naming the field. Its short name stays: links carry it."""
    organization = Organization.objects.select_for_update(no_key=True).get(pk=current().organization_id)
    if time_zone not in zoneinfo.available_timezones():
        raise ValidationError({"time_zone": f"{time_zone} is not a time zone."})
    wanted = {"name": name.strip(), "time_zone": time_zone, "country": country.upper()}
    changed = [field for field in CHANGEABLE if getattr(organization, field) != wanted[field]]
    if not changed:
        return organization
    for field in changed:
        setattr(organization, field, wanted[field])
    organization.clean_fields()
    organization.save(update_fields=changed)
    record(audit.ORGANIZATION_CHANGED, by=by, subject=organization, fields=", ".join(changed))
    return organization
