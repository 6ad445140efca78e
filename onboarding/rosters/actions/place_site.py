"""Say what the reference data could not: which county a site lies in, and which time zone it keeps."""

from zoneinfo import available_timezones

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.rosters import audit
from onboarding.rosters.models import VulnerabilityIndex
from onboarding.rosters.places import County
from onboarding.rosters.shaping import as_row, chosen_words
from tenancy.models import Site


class CannotPlace(ValueError):
    """Not a county or time zone for this site; the message says what would be."""


def offered_counties(site: Site) -> tuple[list[County], list[County]]:
    """Return the counties that the name in the roster may mean, and all the others of the site's state, by name."""
    if site.country != "US":
        return [], []
    row = as_row(site)
    likely = list(VulnerabilityIndex.counties().match(row.get("state"), row.get("county")).candidates)
    known = {county.fips for county in likely}
    rows = (
        VulnerabilityIndex.objects.filter(state=site.region).order_by("county").values_list("fips", "state", "county")
    )
    return likely, [County(*row) for row in rows if row[0] not in known]


@transaction.atomic
def choose_county(site: Site, fips: str, *, by: Actor) -> Site:
    """Say which county of the index a site lies in, and join the county's vulnerability.

    Raises CannotPlace for a code that is no county of the site's state.
    """
    locked: Site = Site.locked(site.pk)
    county = VulnerabilityIndex.objects.filter(pk=fips, state=locked.region).first() if locked.country == "US" else None
    if county is None:
        raise CannotPlace(
            f"The index has no such county in {locked.region or 'an unnamed state'}: choose one from the list."
        )
    if locked.county_chosen and locked.county_fips == county.fips:
        return locked
    locked.county_fips, locked.svi_percentile, locked.county_chosen = county.fips, county.percentile, True
    locked.place_match = chosen_words(locked.place_match)
    locked.save(update_fields=["county_fips", "svi_percentile", "county_chosen", "place_match", "updated_at"])
    record(audit.SITE_COUNTY_CHOSEN, by=by, subject=locked, county=county.county, fips=county.fips)
    return locked


@transaction.atomic
def set_time_zone(site: Site, zone: str, *, by: Actor) -> Site:
    """Confirm the guessed time zone or give another one: from then on it is a person's word.

    Raises CannotPlace for a name that is no IANA time zone.
    """
    if zone not in available_timezones():
        raise CannotPlace("That is no time zone: write it as America/New_York.")
    locked: Site = Site.locked(site.pk)
    if locked.time_zone == zone and not locked.time_zone_guessed:
        return locked
    locked.time_zone, locked.time_zone_guessed = zone, False
    locked.save(update_fields=["time_zone", "time_zone_guessed", "updated_at"])
    record(audit.SITE_TIME_ZONE_SET, by=by, subject=locked, zone=zone)
    return locked
