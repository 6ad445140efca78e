"""Guesses the time zone of a site from its state and county, or its longitude. A guess is always shown as one.

Zones of the split states follow 49 CFR part 71: they are drawn along county lines but for a few counties named here.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from onboarding.rosters.places import fold

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

STATES: dict[str, str] = {
    **dict.fromkeys(
        [
            "CT",
            "DC",
            "DE",
            "FL",
            "GA",
            "MA",
            "MD",
            "ME",
            "NC",
            "NH",
            "NJ",
            "NY",
            "OH",
            "PA",
            "RI",
            "SC",
            "VA",
            "VT",
            "WV",
        ],
        EASTERN,
    ),
    "IN": "America/Indiana/Indianapolis",
    "KY": "America/Kentucky/Louisville",
    "MI": "America/Detroit",
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"], CENTRAL
    ),
    **dict.fromkeys(["CO", "MT", "NM", "UT", "WY"], MOUNTAIN),
    "AZ": "America/Phoenix",
    "ID": "America/Boise",
    **dict.fromkeys(["CA", "NV", "OR", "WA"], PACIFIC),
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
    "VI": "America/St_Thomas",
    "GU": "Pacific/Guam",
    "MP": "Pacific/Saipan",
    "AS": "Pacific/Pago_Pago",
}


@dataclass(frozen=True)
class Split:
    """A state's other zone: the counties in it, and the longitude or latitude that parts the state when none is known."""

    zone: str
    counties: frozenset[str]
    west_of: Decimal | None = None
    east_of: Decimal | None = None
    north_of: Decimal | None = None


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().replace(" ", "").casefold() for name in text.split(","))


SPLITS: dict[str, Split] = {
    "FL": Split(
        CENTRAL,
        _names("Bay,Calhoun,Escambia,Holmes,Jackson,Okaloosa,Santa Rosa,Walton,Washington"),
        west_of=Decimal("-85.1"),
    ),
    "IN": Split(
        CENTRAL,
        _names("Gibson,Jasper,Lake,LaPorte,Newton,Perry,Porter,Posey,Spencer,Starke,Vanderburgh,Warrick"),
        west_of=Decimal("-87.1"),
    ),
    "KY": Split(
        CENTRAL,
        _names(
            "Adair,Allen,Ballard,Barren,Breckinridge,Butler,Caldwell,Calloway,Carlisle,Christian,Clinton,Crittenden,Cumberland,"
            "Daviess,Edmonson,Fulton,Graves,Grayson,Green,Hancock,Hart,Henderson,Hickman,Hopkins,Livingston,Logan,Lyon,"
            "Marshall,McCracken,McLean,Metcalfe,Monroe,Muhlenberg,Ohio,Russell,Simpson,Todd,Trigg,Union,Warren,Webster"
        ),
        west_of=Decimal("-86.0"),
    ),
    "TN": Split(
        EASTERN,
        _names(
            "Anderson,Blount,Bradley,Campbell,Carter,Claiborne,Cocke,Grainger,Greene,Hamblen,Hamilton,Hancock,Hawkins,"
            "Jefferson,Johnson,Knox,Loudon,McMinn,Meigs,Monroe,Morgan,Polk,Rhea,Roane,Scott,Sevier,Sullivan,Unicoi,Union,"
            "Washington"
        ),
        east_of=Decimal("-85.0"),
    ),
    "MI": Split("America/Menominee", _names("Dickinson,Gogebic,Iron,Menominee"), west_of=Decimal("-87.7")),
    "ND": Split(
        MOUNTAIN, _names("Adams,Billings,Bowman,Golden Valley,Grant,Hettinger,Slope,Stark"), west_of=Decimal("-101.8")
    ),
    "SD": Split(
        MOUNTAIN,
        _names(
            "Bennett,Butte,Corson,Custer,Dewey,Fall River,Haakon,Harding,Jackson,Lawrence,Meade,Oglala Lakota,Shannon,"
            "Pennington,Perkins,Ziebach"
        ),
        west_of=Decimal("-101.0"),
    ),
    "NE": Split(
        MOUNTAIN,
        _names(
            "Arthur,Banner,Box Butte,Chase,Cheyenne,Dawes,Deuel,Dundy,Garden,Grant,Hooker,Keith,Kimball,Morrill,Perkins,"
            "Scotts Bluff,Sheridan,Sioux"
        ),
        west_of=Decimal("-101.3"),
    ),
    "KS": Split(MOUNTAIN, _names("Greeley,Hamilton,Sherman,Wallace"), west_of=Decimal("-101.5")),
    "TX": Split(MOUNTAIN, _names("El Paso,Hudspeth"), west_of=Decimal("-104.9")),
    "ID": Split(
        PACIFIC,
        _names("Benewah,Bonner,Boundary,Clearwater,Kootenai,Latah,Lewis,Nez Perce,Shoshone"),
        north_of=Decimal("45.6"),
    ),
    "OR": Split("America/Boise", _names("Malheur"), east_of=Decimal("-117.9")),
    "AK": Split("America/Adak", frozenset(), west_of=Decimal("-169.5")),
}

COUNTIES_ACROSS_A_LINE: dict[str, frozenset[str]] = {
    "FL": _names("Gulf"),
    "ND": _names("Dunn,McKenzie,Sioux"),
    "SD": _names("Stanley"),
    "NE": _names("Cherry"),
    "TX": _names("Culberson"),
    "ID": _names("Idaho"),
    "AK": _names("Aleutians West"),
}

PROVINCES: dict[str, dict[str, str]] = {
    "CA": {
        "NL": "America/St_Johns", "NS": "America/Halifax", "NB": "America/Moncton", "PE": "America/Halifax", "QC": "America/Toronto",
        "ON": "America/Toronto", "MB": "America/Winnipeg", "SK": "America/Regina", "AB": "America/Edmonton", "BC": "America/Vancouver",
        "YT": "America/Whitehorse", "NT": "America/Edmonton", "NEWFOUNDLAND AND LABRADOR": "America/St_Johns", "NOVA SCOTIA": "America/Halifax",
        "NEW BRUNSWICK": "America/Moncton", "PRINCE EDWARD ISLAND": "America/Halifax", "QUEBEC": "America/Toronto", "ONTARIO": "America/Toronto",
        "MANITOBA": "America/Winnipeg", "SASKATCHEWAN": "America/Regina", "ALBERTA": "America/Edmonton", "BRITISH COLUMBIA": "America/Vancouver",
        "YUKON": "America/Whitehorse", "NORTHWEST TERRITORIES": "America/Edmonton",
    },
    "AU": {
        "NSW": "Australia/Sydney", "ACT": "Australia/Sydney", "VIC": "Australia/Melbourne", "QLD": "Australia/Brisbane",
        "SA": "Australia/Adelaide", "WA": "Australia/Perth", "TAS": "Australia/Hobart", "NT": "Australia/Darwin",
        "NEW SOUTH WALES": "Australia/Sydney", "AUSTRALIAN CAPITAL TERRITORY": "Australia/Sydney", "VICTORIA": "Australia/Melbourne",
        "QUEENSLAND": "Australia/Brisbane", "SOUTH AUSTRALIA": "Australia/Adelaide", "WESTERN AUSTRALIA": "Australia/Perth",
        "TASMANIA": "Australia/Hobart", "NORTHERN TERRITORY": "Australia/Darwin",
    },
}  # fmt: skip
"""Countries with several zones whose provinces keep to one, but for corners."""
MAIN: dict[str, str] = {"DE": "Europe/Berlin", "NZ": "Pacific/Auckland"}
"""Countries whose other zone is an enclave or a far island."""


@cache
def countries() -> dict[str, str]:
    """Return country to zone for all that have one, from the table of the time zone data."""
    zones: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return {country: names[0] for country, names in zones.items() if len(names) == 1} | MAIN


@dataclass(frozen=True)
class Guess:
    """A guessed time zone (empty where nothing can be said) and what it was guessed from."""

    zone: str
    reason: str


def guess(
    *,
    country: str = "US",
    state: str = "",
    county: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Guess:
    """Guess the IANA time zone of a place."""
    if country != "US":
        province = PROVINCES.get(country, {}).get(fold(state).upper(), "")
        if province:
            return Guess(province, "guessed from the province")
        zone = countries().get(country, "")
        return Guess(zone, "guessed from the country" if zone else "no time zone can be guessed for this country")
    if state not in STATES:
        return Guess("", "no time zone can be guessed without a state")
    split = SPLITS.get(state)
    if split is None:
        return Guess(STATES[state], "guessed from the state")
    name = county.replace(" ", "").replace("-", "").replace(".", "").casefold()
    for ending in ("county", "censusarea"):
        name = name.removesuffix(ending)
    across = name in COUNTIES_ACROSS_A_LINE.get(state, frozenset())
    if name and split.counties and not across:
        return Guess(split.zone if name in split.counties else STATES[state], "guessed from the county")
    if longitude is not None and (latitude is not None or split.north_of is None):
        other = (
            (split.west_of is not None and longitude < split.west_of)
            or (split.east_of is not None and longitude > split.east_of)
            or (split.north_of is not None and latitude is not None and latitude > split.north_of)
        )
        return Guess(split.zone if other else STATES[state], "guessed from the coordinates")
    return Guess(STATES[state], "guessed from the state, which has two time zones")
