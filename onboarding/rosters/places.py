"""Matches a county by state and name to the county list of the social vulnerability index. Unmatched is shown, never guessed."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# Names of counties are stored with their designation and rosters leave it out. Census areas and municipalities keep
# theirs: a town of the same name lies inside each of them, so the bare name may be the town and not the area.
DESIGNATION = re.compile(r"\s+(county|parish|city and borough|borough)$")
CITY = re.compile(r"\s+city$")
ANY_DESIGNATION = re.compile(
    r"\s+(county|parish|city and borough|borough|census area|municipality|planning region|city|municipio)$"
)

# County-equivalents that ended since a roster was written, where the whole of one went into the whole of another.
SUCCESSORS = {
    ("VA", "bedfordcity"): ("Bedford County", "an independent city until 2013, since then part of Bedford County")
}

UNCOVERED = {
    "CT": "The index of 2022 has Connecticut's planning regions, which replaced its counties and follow other lines.",
    "PR": "The index by county does not cover Puerto Rico.",
    "VI": "The index by county does not cover the Virgin Islands.",
    "GU": "The index by county does not cover Guam.",
    "AS": "The index by county does not cover American Samoa.",
    "MP": "The index by county does not cover the Northern Mariana Islands.",
}


class Matched(StrEnum):
    """How a county was matched."""

    WRITTEN = "written"
    NORMALIZED = "normalized"
    FIPS = "fips"
    NONE = "none"


@dataclass(frozen=True)
class County:
    """A county or county-equivalent of the index."""

    fips: str
    state: str
    name: str


@dataclass(frozen=True)
class Match:
    """The county found, if one was, how, a word on it, and what a person might choose where none was."""

    how: Matched
    county: County | None = None
    note: str = ""
    candidates: tuple[County, ...] = ()


def fold(text: str) -> str:
    """Lower case without diacritics."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold().strip()


def _letters(text: str) -> str:
    text = re.sub(r"\b(saint|st)\b\.?", "st", text)
    text = re.sub(r"\b(sainte|ste)\b\.?", "ste", text)
    return re.sub(r"[^a-z0-9]", "", text)


def county_key(name: str) -> str:
    """The form under which two spellings of a county are the same: St./Saint, spaces, hyphens, case, accents, designation."""
    return _letters(DESIGNATION.sub("", fold(name)))


class CountyIndex:
    """The counties of the index, by every spelling that is certain."""

    def __init__(self, counties: Iterable[County]) -> None:
        self._by_fips: dict[str, County] = {}
        self._written: dict[tuple[str, str], County] = {}
        self._keyed: dict[tuple[str, str], list[County]] = defaultdict(list)
        self._cities: dict[tuple[str, str], list[County]] = defaultdict(list)
        self._stems: dict[tuple[str, str], list[County]] = defaultdict(list)
        for county in counties:
            self._by_fips[county.fips] = county
            self._written[county.state, county.name] = county
            if county.name.endswith(" County"):
                self._written.setdefault((county.state, county.name.removesuffix(" County")), county)
            self._keyed[county.state, county_key(county.name)].append(county)
            folded = fold(county.name)
            if CITY.search(folded) and not DESIGNATION.search(folded):
                self._cities[county.state, _letters(CITY.sub("", folded))].append(county)
            self._stems[county.state, _letters(ANY_DESIGNATION.sub("", folded))].append(county)

    def match(self, state: str, county: str, fips: str = "") -> Match:
        """Match a county: by its code, as written, else after normalizing; never by likeness."""
        if fips:
            found = self._by_fips.get(fips)
            if found is not None:
                return Match(Matched.FIPS, found)
        if not county:
            return Match(Matched.NONE, note="The row names no county.")
        found = self._written.get((state, county))
        if found is not None:
            return Match(Matched.WRITTEN, found, self._twin(found, county))
        key = county_key(county)
        keyed = self._keyed.get((state, key), [])
        if len(keyed) == 1:
            return Match(
                Matched.NORMALIZED, keyed[0], self._twin(keyed[0], county) or f"“{county}” is “{keyed[0].name}”."
            )
        cities = self._cities.get((state, key), [])
        if not keyed and len(cities) == 1:
            return Match(Matched.NORMALIZED, cities[0], f"“{county}” is “{cities[0].name}”.")
        if (state, key) in SUCCESSORS:
            name, why = SUCCESSORS[state, key]
            return Match(Matched.NORMALIZED, self._written[state, name], f"“{county}” was {why}.")
        return self._unmatched(state, county, keyed)

    def _twin(self, found: County, written: str) -> str:
        """Two county-equivalents of one state can share a name: Richmond County and Richmond City."""
        stem = _letters(ANY_DESIGNATION.sub("", fold(found.name)))
        others = [other.name for other in self._stems[found.state, stem] if other != found]
        if others and not ANY_DESIGNATION.search(fold(written)):
            return f"“{written}” was read as {found.name}; there is also {' and '.join(others)}."
        return ""

    def _unmatched(self, state: str, county: str, keyed: list[County]) -> Match:
        stem = _letters(ANY_DESIGNATION.sub("", fold(county)))
        candidates = tuple(keyed or self._stems.get((state, stem), ()))
        if state in UNCOVERED:
            note = UNCOVERED[state]
        elif candidates:
            names = " or ".join(candidate.name for candidate in candidates)
            note = f"The index has no “{county}”. It has {names}; choose it if that is meant."
        else:
            note = f"The index has no “{county}” in {state or 'an unnamed state'}."
        return Match(Matched.NONE, note=note, candidates=candidates)
