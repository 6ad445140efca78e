"""Words of rosters for kinds of site, status and countries, and what they mean here."""

import re
from functools import cache

from babel import Locale
from babel.core import get_global

from onboarding.rosters.places import fold

KINDS = ("clinic", "fqhc", "cmhc", "hospital", "school", "tribal", "community", "residential", "virtual")

# The first that fits wins: a school-based clinic of a health center is a school.
KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("school", r"school|schule|ecole|escuela|colegio|university|college"),
    ("tribal", r"tribal|tribe|indian health|ihs|urban indian|native health"),
    ("virtual", r"virtual|telehealth|telemedicine|online"),
    ("fqhc", r"fqhc|federally qualified|health center program look ?alike|look ?alike|fqhc look"),
    ("hospital", r"hospital|acute care|critical access|inpatient|krankenhaus|klinikum|hopital|psychiatric unit|vamc"),
    ("residential", r"residential|group home|halfway|wohnheim"),
    ("cmhc", r"mh|cmhc|ccbhc|mental health|behavioral health|behavioural health|centro de salud mental"),
    ("community", r"community|social service|sa|su"),
    ("clinic", r"clinic|clinica|klinik|practice|praxis|outpatient|ambulatory|gp|surgery|rhc|rural health clinic|office|cabinet|health cent(er|re)|consultorio|ambulatorio|all other clinic types"),
)  # fmt: skip
_KINDS = tuple((kind, re.compile(rf"\b({pattern})\b")) for kind, pattern in KIND_WORDS)

ACTIVE = frozenset(
    [
        "active",
        "a",
        "open",
        "yes",
        "y",
        "true",
        "t",
        "1",
        "current",
        "operating",
        "operational",
        "aktiv",
        "ja",
        "actif",
        "oui",
        "activo",
        "abierto",
        "si",
        "attivo",
        "ativo",
    ]
)
INACTIVE = frozenset(
    [
        "inactive",
        "i",
        "c",
        "closed",
        "no",
        "n",
        "false",
        "f",
        "0",
        "terminated",
        "retired",
        "dormant",
        "d",
        "proposed",
        "p",
        "inaktiv",
        "nein",
        "inactif",
        "ferme",
        "non",
        "inactivo",
        "cerrado",
    ]
)

COUNTRY_WORDS: dict[str, str] = {
    "US": "usa,u.s.a.,u.s.,america", "GB": "uk,u.k.,great britain,england,scotland,wales,northern ireland", "NZ": "aotearoa",
    "IE": "eire,republic of ireland", "NL": "holland,nederland", "CZ": "czech republic", "TR": "turkey", "KR": "korea,republic of korea",
    "RU": "russian federation", "VN": "viet nam", "CI": "ivory coast", "AE": "uae", "DE": "ger", "CH": "schweiz,suisse,svizzera",
}  # fmt: skip
"""What people write beside the names that the Unicode locale data has in the languages of rosters."""
NAMED_IN = ("en", "es", "fr", "de", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "ar")
NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"})


@cache
def _country_codes() -> dict[str, str]:
    """Every country's two-letter code, three-letter code and names; a name that two countries share is nobody's.

    Found when a roster first asks: the locale data of thirteen languages take 17 MB, which most processes never need.
    """
    found: dict[str, str] = {}
    for language in NAMED_IN:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES:
                found.setdefault(fold(name), code)
    found |= {code.casefold(): code for code in COUNTRIES}
    found |= {
        alias.casefold(): codes[0]
        for alias, codes in get_global("territory_aliases").items()
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1 and codes[0] in COUNTRIES
    }
    return found | {fold(word): code for code, words in COUNTRY_WORDS.items() for word in words.split(",")}


COUNTRIES: dict[str, str] = {
    code: name
    for code, name in Locale("en").territories.items()
    if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
}


def country_name(code: str) -> str:
    """Return a country's English name, or the code where there is none."""
    return COUNTRIES.get(code, code)


LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": ("english", "ingles"), "es": ("spanish", "espanol", "castellano"), "fr": ("french", "francais"), "de": ("german", "deutsch"),
    "zh": ("chinese", "mandarin", "cantonese"), "vi": ("vietnamese",), "tl": ("tagalog", "filipino"), "ko": ("korean",),
    "ru": ("russian",), "ar": ("arabic",), "ht": ("haitian creole", "haitian", "creole"), "pt": ("portuguese", "portugues"),
    "hmn": ("hmong",), "so": ("somali",), "nv": ("navajo", "dine"), "fa": ("farsi", "persian"), "pl": ("polish",), "it": ("italian", "italiano"),
    "ja": ("japanese",), "hi": ("hindi",), "uk": ("ukrainian",), "am": ("amharic",), "ase": ("asl", "american sign language"),
    "nl": ("dutch", "nederlands"), "pa": ("punjabi", "panjabi"), "ur": ("urdu",), "bn": ("bengali", "bangla"), "tr": ("turkish", "turkce"),
}  # fmt: skip
_LANGUAGE_CODES = {name: code for code, names in LANGUAGES.items() for name in (code, *names)}


def languages_of(written: str) -> tuple[list[str], list[str]]:
    """Return the codes of the languages named in a cell, and the names that are not known."""
    codes: list[str] = []
    unknown: list[str] = []
    for part in re.split(r"[,;/|+&]| and ", written):
        name = " ".join(fold(part).split())
        if not name:
            continue
        code = _LANGUAGE_CODES.get(name, "")
        if not code:
            unknown.append(part.strip())
        elif code not in codes:
            codes.append(code)
    return codes, unknown


def kind_of(written: str) -> str:
    """Return the kind of site a roster's word means, empty where it means none."""
    text = " ".join(re.findall(r"[a-z0-9]+", fold(written)))
    if text in KINDS:
        return text
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "")


def status_of(written: str) -> str:
    """Return `active` or `inactive`, empty where the word says neither."""
    text = " ".join(re.findall(r"\w+", fold(written)))
    if text in ACTIVE:
        return "active"
    return "inactive" if text in INACTIVE or text.split()[:1] in (["closed"], ["inactive"]) else ""


def country_code(written: str) -> str:
    """Return the two-letter code of a country's name or code, empty where it is not known."""
    return _country_codes().get(" ".join(fold(written).split()), "")
