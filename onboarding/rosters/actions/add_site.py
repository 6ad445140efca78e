"""Add one site by hand or by the API: rosters add theirs row by row."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from onboarding.rosters.shaping import shape
from tenancy.models import Site


@transaction.atomic
def add_site(*, by: Actor, **values: Any) -> Site:
    """Add a site and return it, joined with its place like a row of a roster.

    Raises ValidationError, naming the fields, for values that a site cannot have.
    """
    site = Site()
    shape(site, values)
    site.save(force_insert=True)
    record(audit.SITE_ADDED, by=by, subject=site)
    return site
