"""Sets a site's profile as a person wrote it: repaired like a roster's row, joined with its place, its time zone guessed."""

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

from onboarding.rosters import time_zones
from onboarding.rosters.profiles import place_of
from onboarding.rosters.repair import Repaired, repair
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
    "county",
    "country",
    "latitude",
    "longitude",
    "phone",
    "website",
    "time_zone",
    "ehr",
    "broadband",
    "languages",
    "serves_minors",
    "staff_count",
)
"""What a person may say of a site; codes and percentiles are joined, never typed."""
WRITTEN = (
    "name", "name_2", "street", "street_2", "city", "postal_code", "zip_4", "county", "country", "phone", "website",
)  # fmt: skip
COORDINATES = ("latitude", "longitude")
COUNTY = {"region", "county", "country"}
PLACE = COUNTY | {"postal_code"}
ZONE = COUNTY | {"latitude", "longitude"}


def shape(site: Site, values: dict[str, Any]) -> list[str]:
    """Give the site these values and return the names of the fields that changed; nothing is saved.

    A time zone that is given is a person's; else it is guessed from the place while nobody confirmed it.
    Raises ValidationError by field, TypeError for a field that nobody may set.
    """
    if unknown := values.keys() - set(FIELDS):
        raise TypeError(f"A site does not take: {', '.join(sorted(unknown))}.")
    before = _content(site)
    for name, value in values.items():
        setattr(site, name, value)
    if "postal_code" in values and site.postal_code != before["postal_code"]:
        site.zip_4 = ""
    row = _repair(site)
    zone = values.get("time_zone")
    if zone and zone not in available_timezones():
        raise ValidationError({"time_zone": "That is no time zone: write it as America/New_York."})
    if zone and zone != before["time_zone"]:
        site.time_zone_guessed = False
    moved = _moved(site, before, PLACE)
    if moved:
        found = place_of(row)
        if site.county_chosen and not _moved(site, before, COUNTY):
            del found["county_fips"], found["svi_percentile"]
            found["place_match"] = chosen_words(found["place_match"])
        else:
            site.county_chosen = False
        for name, value in found.items():
            setattr(site, name, value)
    if not site.time_zone or (site.time_zone_guessed and _moved(site, before, ZONE)):
        site.time_zone = guess(site)
        site.time_zone_guessed = True
    site.full_clean(exclude=["organization"], validate_constraints=False)
    return sorted(_moved(site, before, set(before)))


def guess(site: Site) -> str:
    """Return the time zone that the place suggests, empty where nothing does."""
    return time_zones.guess(
        country=site.country,
        state=site.region,
        county=site.county,
        latitude=site.latitude,
        longitude=site.longitude,
    ).zone


def as_row(site: Site) -> Repaired:
    """Return a site as the row of a roster, as it stands."""
    written = {name: getattr(site, name) for name in WRITTEN}
    for name in COORDINATES:
        written[name] = "" if getattr(site, name) is None else str(getattr(site, name))
    return Repaired({**written, "state": site.region, "county_fips": ""})


def chosen_words(matched: str) -> str:
    """Say that a person chose the county, keeping what was said of the ZIP."""
    return ", ".join(["county chosen by a person", *matched.split(", ")[1:]])


def _repair(site: Site) -> Repaired:
    row = repair(as_row(site).values)
    # What a roster's row can do without is left out with a word; a person is asked to mend it.
    wrong = row.errors + [one for one in row.repairs if one.before and one.after == ""]
    if wrong:
        ours = {"state": "region", "zip_4": "postal_code"}
        errors: dict[str, list[str]] = {}
        for message in wrong:
            reason = message.reason.removesuffix("; left out")
            errors.setdefault(ours.get(message.field, message.field), []).append(f"{reason[:1].upper()}{reason[1:]}.")
        raise ValidationError(errors)
    for name in WRITTEN:
        setattr(site, name, row.get(name))
    for name in COORDINATES:
        setattr(site, name, Decimal(row.get(name)).quantize(Decimal("0.000001")) if row.get(name) else None)
    site.region = row.get("state")
    return row


def _content(site: Site) -> dict[str, Any]:
    names = {*FIELDS, "zip_4", "county_fips", "svi_percentile", "ruca1", "ruca2", "place_match"}
    return {name: getattr(site, name) for name in names | {"county_chosen", "time_zone_guessed"}}


def _moved(site: Site, before: dict[str, Any], names: set[str]) -> set[str]:
    return {name for name in names if getattr(site, name) != before[name]}
