"""Turns a repaired row into the fields of a site, joined with rurality and vulnerability."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from onboarding.rosters import time_zones
from onboarding.rosters.models.reference import RuralCode, VulnerabilityIndex
from onboarding.rosters.places import CountyIndex, Match, Matched
from onboarding.rosters.repair import Repaired
from onboarding.rosters.vocabulary import languages_of

COPIED = {
    "name": "name", "name_2": "name_2", "street": "street", "street_2": "street_2", "city": "city", "state": "region",
    "postal_code": "postal_code", "zip_4": "zip_4", "county": "county", "country": "country", "phone": "phone",
    "website": "website", "source_id": "source_id", "ehr": "ehr", "kind": "kind",
}  # fmt: skip
RURALITY = {
    1: "Metropolitan core", 2: "Metropolitan, high commuting", 3: "Metropolitan, low commuting", 4: "Large town",
    5: "Large town, high commuting", 6: "Large town, low commuting", 7: "Small town", 8: "Small town, high commuting",
    9: "Small town, low commuting", 10: "Rural area",
}  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """The reference data that some rows need, read once for all of them."""

    counties: CountyIndex
    percentiles: dict[str, Decimal | None]
    codes: dict[str, tuple[int, Decimal] | None]

    @classmethod
    def for_rows(cls, rows: list[Repaired]) -> "Reference":
        """Read what these rows need: three queries whatever their number."""
        return cls(
            VulnerabilityIndex.counties(),
            dict(VulnerabilityIndex.objects.values_list("pk", "percentile")),
            RuralCode.of({row.get("postal_code") for row in rows if row.get("country") == "US"}),
        )


@dataclass(frozen=True)
class Profile:
    """The fields that the row gives a site, and how its county was matched (empty outside the United States)."""

    values: dict[str, Any]
    county_match: str


def profile(row: Repaired, reference: Reference) -> Profile:
    """Return the fields that a row gives a site; notices about the place are added to the row."""
    values: dict[str, Any] = {ours: row.get(theirs) for theirs, ours in COPIED.items() if row.get(theirs)}
    for key in ("latitude", "longitude"):
        if row.get(key):
            values[key] = Decimal(row.get(key)).quantize(Decimal("0.000001"))
    codes, unknown = languages_of(row.get("languages"))
    if codes:
        values["languages"] = codes
    if unknown:
        row.notice("languages", f"not known as a language: {', '.join(unknown)}")
    how = ""
    if row.get("country") == "US":
        how = _place(row, values, reference)
    zone = time_zones.guess(
        country=row.get("country"),
        state=row.get("state"),
        county=row.get("county"),
        latitude=values.get("latitude"),
        longitude=values.get("longitude"),
    )
    if zone.zone:
        values["time_zone"] = zone.zone
    else:
        row.notice("time_zone", zone.reason)
    return Profile(values, how)


def place_of(row: Repaired) -> dict[str, Any]:
    """Return county, vulnerability and rurality of one place, each empty where nothing matched; notices go to the row."""
    found: dict[str, Any] = {
        "county_fips": "",
        "svi_percentile": None,
        "ruca1": None,
        "ruca2": None,
        "place_match": "",
    }
    if row.get("country") == "US":
        _place(row, found, Reference.for_rows([row]))
    return found


def _place(row: Repaired, values: dict[str, Any], reference: Reference) -> str:
    match: Match = reference.counties.match(row.get("state"), row.get("county"), row.get("county_fips"))
    if match.note:
        row.notice("county", match.note)
    if match.county is not None:
        values["county_fips"] = match.county.fips
        percentile = reference.percentiles.get(match.county.fips)
        if percentile is not None:
            values["svi_percentile"] = percentile
    zip_code = row.get("postal_code")
    found = reference.codes.get(zip_code)
    if found is not None:
        values["ruca1"], values["ruca2"] = found
        said = "ZIP found"
    elif zip_code in reference.codes:
        said = "ZIP not coded"
        row.notice("postal_code", "the rurality codes of 2010 leave this ZIP uncoded")
    else:
        said = "ZIP not found" if zip_code else "no ZIP"
        if zip_code:
            row.notice("postal_code", "the rurality codes of 2010 do not have this ZIP")
    words = {
        Matched.WRITTEN: "county as written",
        Matched.NORMALIZED: "county normalized",
        Matched.FIPS: "county by code",
        Matched.NONE: "county unmatched" if row.get("county") else "no county",
    }
    values["place_match"] = f"{words[match.how]}, {said}"
    return match.how.value
