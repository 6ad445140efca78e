"""Add one site by hand or by the API: rosters add theirs row by row."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit, time_zones
from tenancy.models import Site

FIELDS = (
    "name",
    "name_2",
    "kind",
    "source_id",
    "street",
    "street_2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "website",
    "time_zone",
    "ehr",
    "languages",
    "serves_minors",
    "staff_count",
)


@transaction.atomic
def add_site(*, by: Actor, **values: Any) -> Site:
    """Add a site and return it, its time zone guessed where none is given; raise ValidationError, naming the fields, for values that a site cannot have."""
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"A site is not added with: {', '.join(sorted(unknown))}.")
    site = Site(**values)
    site.time_zone_guessed = not site.time_zone
    site.time_zone = site.time_zone or time_zones.guess(country=site.country, state=site.region).zone
    site.full_clean(exclude=["organization"], validate_constraints=False)
    site.save(force_insert=True)
    record(audit.SITE_ADDED, by=by, subject=site)
    return site
