"""Change a site's profile."""

from typing import Any

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from onboarding.rosters.shaping import FIELDS, shape
from tenancy.models import Site


@transaction.atomic
def edit_site(site: Site, *, by: Actor, **values: Any) -> Site:
    """Change these fields and return the site; another address is matched with county and codes anew.

    Saying what stands already changes nothing. Raises ValidationError, naming the fields, with nothing written.
    """
    locked: Site = Site.locked(site.pk)
    changed = shape(locked, values)
    if changed:
        locked.save(update_fields=[*changed, "updated_at"])
        said = [name.replace("_", " ") for name in FIELDS if name in changed]
        record(audit.SITE_EDITED, by=by, subject=locked, fields=", ".join(said))
    return locked
