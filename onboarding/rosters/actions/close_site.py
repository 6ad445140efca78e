"""Close a site, and open it again."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from tenancy.models import Site


class CannotClose(ValueError):
    """A site cannot be closed like this; the message says what would change it."""


@transaction.atomic
def close_site(site: Site, *, on: date, reason: str, by: Actor) -> Site:
    """Close a site as of a day: nothing is planned there any more. What runs there goes on until somebody ends it.

    Raises CannotClose without a reason, or for a day that is still to come.
    """
    if not reason.strip():
        raise CannotClose("Say why the site closes: it is kept in the record.")
    if on > timezone.localdate():
        raise CannotClose("A site is closed once it has closed: choose today or an earlier day.")
    locked: Site = Site.locked(site.pk)
    if locked.closed_on == on:
        return locked
    locked.closed_on = on
    locked.save(update_fields=["closed_on", "updated_at"])
    record(audit.SITE_CLOSED, by=by, subject=locked, on=f"{on:%-d %b %Y}", reason=reason.strip())
    return locked


@transaction.atomic
def reopen_site(site: Site, *, by: Actor) -> Site:
    """Open a closed site again; an open one stays as it is."""
    locked: Site = Site.locked(site.pk)
    if locked.closed_on is None:
        return locked
    locked.closed_on = None
    locked.save(update_fields=["closed_on", "updated_at"])
    record(audit.SITE_REOPENED, by=by, subject=locked)
    return locked
