"""Forms with rows: as many as there are, and blank ones for more. Nothing is kept between two requests."""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from django import forms

from web.forms import Form
from web.uploads import strict_yaml

SPARE = 2
"""Blank rows for more: saving brings new ones."""
MOST = 60


class RowForm(Form):
    """A form whose fields `<kind>-<number>-<name>` are the rows of a kind."""

    rows: dict[str, list[Any]]
    """What stands in the rows of each kind before anybody types."""

    def numbers(self, kind: str, data: Any, spare: int = SPARE) -> range:
        """Return the numbers of the rows to have: those that stand, those that were sent, and blank ones."""
        sent = [
            int(name.split("-")[1])
            for name in data or ()
            if name.startswith(f"{kind}-")
            and name.count("-") == 2
            and name.split("-")[1].isdecimal()
            and len(name) < 100
        ]
        return range(min(MOST, max(1 + max(sent, default=-1), len(self.rows[kind]) + spare)))

    def rows_of(self, kind: str) -> Iterator[list[forms.BoundField]]:
        """Give the bound fields of each row."""
        number = 0
        while any(name.startswith(f"{kind}-{number}-") for name in self.fields):
            yield [self[name] for name in self.fields if name.startswith(f"{kind}-{number}-")]
            number += 1

    def written(self, kind: str, *names: str) -> Iterator[tuple[Any, ...]]:
        """Give what was sent in the fields of those names, row by row."""
        for number in range(len(list(self.rows_of(kind)))):
            yield tuple(self.cleaned_data.get(f"{kind}-{number}-{name}") for name in names)


def free(key: str, taken: set[str]) -> str:
    """Return the key, or the next one like it that nobody has, and take it."""
    found, number = key, 2
    while found in taken:
        found, number = f"{key}-{number}", number + 1
    taken.add(found)
    return found


def read_yaml(text: str, wanted: str) -> dict[str, Any] | None:
    """Return the mapping that a text field holds, None for an empty one; `wanted` says what to write."""
    try:
        found = strict_yaml.read(text)
    except yaml.YAMLError as error:
        raise forms.ValidationError(f"This is no YAML: {error}") from None
    if found is not None and not isinstance(found, dict):
        raise forms.ValidationError(wanted)
    try:
        json.dumps(found, allow_nan=False)
    except (TypeError, ValueError):
        raise forms.ValidationError(
            "Write texts, numbers, yes or no, lists and mappings; put dates in quotes."
        ) from None
    return found
