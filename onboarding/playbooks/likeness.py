"""Whether a text that a site states is the one a condition asks for, as people write it: "EPIC Hyperspace" is Epic."""

import re
import unicodedata

NAMED_BY_A_WORD = frozenset({"site.ehr"})
"""Facts that hold a product's whole name: a condition names the product by some of its words. "none" is a value, no name."""


def alike(fact: str, found: str, wanted: str) -> bool:
    """Return whether both texts mean the same value of the fact; letters' case, accents and marks do not count."""
    said, asked = _words(found), _words(wanted)
    if said == asked:
        return True
    if fact not in NAMED_BY_A_WORD or not asked or asked == ["none"]:
        return False
    return any(said[start : start + len(asked)] == asked for start in range(len(said)))


def _words(text: str) -> list[str]:
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return re.findall(r"\w+", plain.casefold())
