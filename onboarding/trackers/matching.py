"""Which item a row of a tracker is: by words that people use for it, with a confidence."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from onboarding.rosters.places import fold

SURE, LIKELY, POSSIBLE = 0.85, 0.7, 0.55
STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "in",
        "is",
        "of",
        "on",
        "or",
        "our",
        "the",
        "their",
        "to",
        "with",
        "we",
        "will",
        "get",
        "do",
        "has",
        "have",
    ]
)
SAME: dict[str, str] = {
    "baa": "business associate agreement", "bas": "business associate agreement", "sso": "single sign on", "ehr": "record",
    "emr": "record", "prod": "production", "pt": "patient", "pts": "patients", "mtg": "meeting", "kickoff": "kick off",
    "golive": "go live", "it": "technical", "sec": "security", "docs": "papers", "documents": "papers", "config": "configure",
    "integrations": "integration", "interface": "integration", "trainings": "training", "train": "training", "staff": "people",
    "uat": "user acceptance test", "testing": "test", "tests": "test", "dpia": "privacy impact assessment", "champ": "champion",
    "assess": "assessment", "agreements": "agreement", "contract": "agreement", "sign": "signed", "identified": "named",
    "identify": "named", "assigned": "named", "select": "chosen", "selected": "chosen",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """The item of a row, how sure that is (0 to 1), and why."""

    item: Any
    confidence: float
    reason: str

    @property
    def word(self) -> str:
        """The confidence in a word."""
        return "sure" if self.confidence >= SURE else "likely" if self.confidence >= LIKELY else "possible"


@dataclass(frozen=True, slots=True)
class Known:
    """An item as it is compared."""

    pk: Any
    number: int
    key: str
    title: str


def match_rows(rows: Sequence[tuple[int, str, str]], items: Sequence[Known]) -> dict[int, Match]:
    """Return the match of each row (row number, its own number, title) that has one; no item is given to two rows.

    The best pairs are made first. A row whose own number and words both point at an item is sure.
    """
    words = {item.pk: (tokens(item.title), tokens(item.key)) for item in items}
    counts = Counter(word for title, key in words.values() for word in {*title, *key})
    weight = {word: 1 + math.log(len(items) / count) for word, count in counts.items()}
    rare = 1 + math.log(max(1, len(items)))
    offers: list[tuple[float, int, Known, str]] = []
    for row, own, title in rows:
        said, plain = tokens(title), _plain(title)
        number = re.sub(r"\D", "", own)
        for item in items:
            if plain in (_plain(item.title), item.key.replace("-", " ")) or own.strip().casefold() == item.key:
                offers.append((1.0, row, item, "the same words" if plain else "the same key"))
                continue
            shared = max(_shared(said, known, weight, rare) for known in words[item.pk])
            score = shared
            if shared > 0.2:
                score = 0.7 * shared + 0.3 * SequenceMatcher(None, plain, _plain(item.title)).ratio()
            reason = "by its words"
            if number and int(number) == item.number and len(number) < 5 and shared > 0.25:
                score, reason = max(score, 0.5) + 0.35, "by its number and its words"
            if score >= POSSIBLE:
                offers.append((min(score, 0.99), row, item, reason))
    found: dict[int, Match] = {}
    taken: set[Any] = set()
    for score, row, item, reason in sorted(offers, key=lambda offer: (-offer[0], offer[1], offer[2].number)):
        if row not in found and item.pk not in taken:
            found[row] = Match(item.pk, round(score, 2), reason)
            taken.add(item.pk)
    return found


def tokens(text: str) -> list[str]:
    """Return the words that carry meaning, abbreviations written out, endings taken off."""
    out: list[str] = []
    for word in _plain(text).split():
        out += SAME.get(word, word).split()
    return [_stem(word) for word in out if word not in STOP and len(word) > 1]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _shared(one: list[str], other: list[str], weight: dict[str, float], rare: float) -> float:
    """Return what two texts share of their weighted words (Dice), 0 to 1; rare words count for more."""
    if not one or not other:
        return 0.0
    left, right = set(one), set(other)
    common = sum(weight.get(word, rare) for word in left & right)
    whole = sum(weight.get(word, rare) for word in left) + sum(weight.get(word, rare) for word in right)
    return 2 * common / whole
