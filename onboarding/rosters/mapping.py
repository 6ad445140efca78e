"""Suggests which column fills which field of a site, from the header and from what the cells hold, and checks a mapping."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onboarding.rosters.fields import BY_KEY, FIELDS, Field, words
from onboarding.rosters.reading import MISSING, Column, SourceRow, Table

ELECTED = re.compile(
    r"\b(congress(ional|wo)?man\b|congresswoman|congressperson|congressional rep\w*|us rep\w*|u s rep\w*|u s congressional rep\w*|"
    r"state rep\w*|house rep\w*|representative name|senators?\b|assembly ?(wo)?man|assembly ?member|governor|mayor|"
    r"council ?(wo)?m[ae]n|council ?(member|or)|alderm[ae]n|county commissioners?|legislators?|lawmakers?|elected official|"
    r"member of (parliament|congress)|mp name|name of mp|mep name|mdb|bundestagsabgeordnete\w*|burgermeister\w*|"
    r"buergermeister\w*|maire|depute\w*|alcalde\w*|diputad\w*|senador\w*)"
)
# Words that turn a good name into another party's: a mailing or head-office address is not where care is given.
ELSEWHERE = re.compile(
    r"\b(organization|organisation|mailing|billing|parent|grantee|corporate|headquarters?|owner|trust|authorized official|"
    r"health center name|congressional|district|region code|state fips|former|previous|other|fax)\b"
)
QUALIFIERS = re.compile(
    r"^(the )?(site|facility|clinic|practice|location|provider|service|hospital|center|centre|physical) "
)
ALL_NAMES = frozenset(name for field in FIELDS for name in field.names)
SURE, LIKELY, POSSIBLE = 0.9, 0.7, 0.5


@dataclass(frozen=True)
class Suggestion:
    """What a column probably is, how sure that is (0 to 1), why, and which other columns would also fit the field."""

    column: Column
    field: str
    confidence: float
    reason: str
    rivals: tuple[Column, ...] = ()

    @property
    def word(self) -> str:
        """The confidence in a word."""
        if self.confidence >= SURE:
            return "sure"
        return "likely" if self.confidence >= LIKELY else "possible"


@dataclass(frozen=True)
class Suggestions:
    """A proposal for the whole file: what goes where, what is left out, and what may not come in."""

    chosen: tuple[Suggestion, ...]
    unused: tuple[Column, ...]
    refused: tuple[Column, ...]

    def as_mapping(self) -> dict[str, str]:
        """Return field key -> column label."""
        return {suggestion.field: suggestion.column.label for suggestion in self.chosen}


class UnusableMappingError(ValueError):
    """The mapping cannot be used; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def names_elected_person(column: Column) -> bool:
    """Whether the column holds the names of elected persons: they are listed as not imported and never stored."""
    return bool(ELECTED.search(words(column.written)))


def suggest(table: Table, rows: Sequence[SourceRow] | None = None) -> Suggestions:
    """Suggest a mapping. No two columns get one field and no two fields one column."""
    rows = table.sample() if rows is None else rows
    refused = tuple(column for column in table.columns if names_elected_person(column))
    offers: list[tuple[float, int, Field, Column, str]] = []
    for column in table.columns:
        if column in refused:
            continue
        values = [value for row in rows if (value := row.values[column.index].strip()).casefold() not in MISSING]
        for order, field in enumerate(FIELDS):
            score, reason = _score(field, column, values)
            if score >= POSSIBLE:
                offers.append((score, -order, field, column, reason))
    offers.sort(key=lambda offer: (-offer[0], offer[3].index, -offer[1]))
    rivals: dict[str, list[Column]] = {}
    for _, _, field, column, _ in offers:
        rivals.setdefault(field.key, []).append(column)
    chosen: dict[str, Suggestion] = {}
    taken: set[int] = set()
    for score, _, field, column, reason in offers:
        if field.key in chosen or column.index in taken:
            continue
        others = tuple(other for other in rivals[field.key] if other != column)[:3]
        chosen[field.key] = Suggestion(column, field.key, round(score, 2), reason, others)
        taken.add(column.index)
    ordered = tuple(chosen[field.key] for field in FIELDS if field.key in chosen)
    unused = tuple(column for column in table.columns if column.index not in taken and column not in refused)
    return Suggestions(ordered, unused, refused)


def _score(field: Field, column: Column, values: list[str]) -> tuple[float, str]:
    by_name = _name_score(field, words(column.written))
    fitting = _fitting(field, values)
    if not by_name:
        if field.telling is not None and len(values) >= 3 and not ELSEWHERE.search(words(column.written)):
            telling = sum(bool(field.telling.fullmatch(value)) for value in values) / len(values)
            if telling >= 0.9:
                return 0.6, "by what the cells hold"
        return 0.0, ""
    if field.pattern is None or not values:
        return by_name * (1 if values else 0.8), "by its name" if values else "by its name; the column is empty"
    if fitting < 0.5:
        return by_name * 0.5, "by its name, though most cells do not fit"
    score = by_name * (0.8 + 0.2 * fitting)
    if field.key == "source_id":
        unique = len(set(values)) / len(values)
        score *= 0.6 + 0.4 * unique
        if unique < 0.95:
            return score * 0.7, "by its name, though the values repeat"
    return score, "by its name and what the cells hold"


def _name_score(field: Field, header: str) -> float:
    if not header:
        return 0.0
    elsewhere = 0.35 if ELSEWHERE.search(header) and header not in field.names else 0.0
    if header in field.names:
        return 0.98
    if header in ALL_NAMES:
        return 0.0
    bare = QUALIFIERS.sub("", header)
    if bare in field.names:
        return (0.985 if header.startswith("site ") else 0.97) - elsewhere
    if bare.removesuffix(" description").removesuffix(" desc") in field.names:
        return 0.93 - elsewhere
    longest = max(
        (name for name in field.names if len(name) > 2 and re.search(rf"\b{name}$", header)), key=len, default=""
    )
    if longest:
        return 0.62 + 0.3 * len(longest) / len(header) - elsewhere
    longest = max(
        (name for name in field.names if len(name) > 3 and re.search(rf"\b{name}\b", header)), key=len, default=""
    )
    return max(0.0, 0.5 + 0.3 * len(longest) / len(header) - elsewhere) if longest else 0.0


def _fitting(field: Field, values: list[str]) -> float:
    if field.pattern is None or not values:
        return 0.0
    return sum(bool(field.pattern.fullmatch(value)) for value in values) / len(values)


def check(table: Table, mapping: Mapping[str, str]) -> dict[str, int]:
    """Return field key -> column index, or say everything that is wrong with the mapping."""
    by_label = {column.label: column for column in table.columns}
    problems: list[str] = []
    found: dict[str, int] = {}
    for key, label in mapping.items():
        if not label:
            continue
        if key not in BY_KEY:
            problems.append(f"There is no field “{key}”.")
        elif label not in by_label:
            problems.append(f"{table.name} has no column “{label}”.")
        elif names_elected_person(by_label[label]):
            problems.append(f"“{label}” names elected persons and is not imported.")
        else:
            found[key] = by_label[label].index
    for index, times in Counter(found.values()).items():
        if times > 1:
            fields = " and ".join(BY_KEY[key].label for key, column in found.items() if column == index)
            problems.append(f"“{table.columns[index].label}” is given to {fields}; a column fills one field.")
    problems += [f"{field.label} needs a column." for field in FIELDS if field.required and field.key not in found]
    if problems:
        raise UnusableMappingError(problems)
    return found


def pick(row: SourceRow, columns: Mapping[str, int]) -> dict[str, str]:
    """Return the row's values by field key, missing markers as empty."""
    picked = {}
    for key, index in columns.items():
        value = row.values[index]
        picked[key] = "" if value.strip().casefold() in MISSING else value
    return picked


def keep(table: Table, row: SourceRow) -> dict[str, str]:
    """Return the row as it may be stored: by column label, without the columns that name elected persons."""
    return {column.label: row.values[column.index] for column in table.columns if not names_elected_person(column)}
