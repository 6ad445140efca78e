"""Read YAML mappings strictly: every field is asked for, what nobody asked for is an error.

Problems are collected, not raised one by one, so that an author sees all of them in one run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from web.uploads import strict_yaml


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a playbook: in which file, in which part of it, in which field."""

    file: str
    subject: str
    field: str
    message: str
    shape: bool = False
    """Whether the value is of another kind than the format says, so that no page could show it."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.subject, self.field, self.message) if part)


class PlaybookError(ValueError):
    """The playbook breaks the format; `problems` holds every breach found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass
class Table:
    """A mapping of a playbook file, read field by field."""

    raw: Mapping[str, Any]
    file: str
    subject: str
    problems: list[Problem]
    asked: set[str] = field(default_factory=set)

    def wrong(self, name: str, message: str, *, shape: bool = False) -> None:
        """Note a problem with the field `name`."""
        self.problems.append(Problem(self.file, self.subject, name, message, shape))

    def has(self, name: str) -> bool:
        """Tell whether the field is written, without reading it."""
        return name in self.raw

    def take(self, name: str, *, required: bool = True) -> Any:
        """Give the raw value; a missing required field is a problem and reads as None."""
        self.asked.add(name)
        value = self.raw.get(name)
        if value is None and required:
            self.wrong(name, "missing")
        return value

    def text(self, name: str, *, required: bool = True, longest: int | None = None) -> str:
        """Give a stripped text; empty counts as missing."""
        value = self.take(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(name, f"must be text, not {value!r}", shape=True)
            return ""
        stripped: str = value.strip()
        if not stripped and required:
            self.wrong(name, "missing")
        if longest and len(stripped) > longest:
            self.wrong(name, f"{len(stripped)} characters, at most {longest}")
        return stripped

    def slug(self, name: str) -> str:
        """Give a key: lower case letters, digits and single hyphens."""
        value = self.text(name)
        if value and not all(part.isascii() and part.isalnum() and part == part.lower() for part in value.split("-")):
            self.wrong(name, f"'{value}' must be lower case letters, digits and hyphens")
        return value

    def choice(self, name: str, options: tuple[str, ...], *, default: str | None = None) -> str:
        """Give one of `options`."""
        if default is not None and not self.has(name):
            self.asked.add(name)
            return default
        value = self.text(name)
        if value and value not in options:
            self.wrong(name, f"'{value}' is not one of {', '.join(options)}")
        return value

    def integer(self, name: str, *, least: int | None = None, most: int | None = None) -> int:
        """Give a whole number between `least` and `most`."""
        return self.optional_integer(name, required=True, least=least, most=most) or 0

    def optional_integer(
        self, name: str, *, required: bool = False, least: int | None = None, most: int | None = None
    ) -> int | None:
        """Give a whole number, or None where none is written."""
        value = self.take(name, required=required)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(name, f"must be a whole number, not {value!r}", shape=True)
            return None
        if least is not None and value < least:
            self.wrong(name, f"{value} is below {least}")
        if most is not None and value > most:
            self.wrong(name, f"{value} is above {most}")
        return value

    def number(self, name: str) -> float:
        """Give a number above 0."""
        value = self.take(name)
        if value is None:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(name, f"must be a number, not {value!r}", shape=True)
            return 0.0
        if value <= 0:
            self.wrong(name, f"{value} is not above 0")
        return float(value)

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """Give true or false."""
        value = self.take(name, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(name, f"must be true or false, not {value!r}", shape=True)
            return default
        return value

    def sequence(self, name: str, *, required: bool = True) -> list[Any]:
        """Give a list of anything."""
        value = self.take(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(name, f"must be a list, not {value!r}", shape=True)
            return []
        return value

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Give a list of texts."""
        values = self.sequence(name, required=required)
        for value in values:
            if not isinstance(value, str):
                self.wrong(name, f"must hold text only, not {value!r}", shape=True)
        return tuple(value for value in values if isinstance(value, str))

    def integers(self, name: str, *, required: bool = False) -> tuple[int, ...]:
        """Give a list of whole numbers."""
        values = self.sequence(name, required=required)
        for value in values:
            if not isinstance(value, int) or isinstance(value, bool):
                self.wrong(name, f"must hold whole numbers only, not {value!r}", shape=True)
        return tuple(value for value in values if isinstance(value, int) and not isinstance(value, bool))

    def table(self, name: str, subject: str | None = None) -> "Table":
        """Give a mapping below this one."""
        value = self.take(name)
        if value is not None and not isinstance(value, dict):
            self.wrong(name, f"must be a mapping, not {value!r}", shape=True)
            value = None
        return Table(value or {}, self.file, subject or self.subject, self.problems if value else [])

    def tables(self, name: str, noun: str, label: str = "key", *, required: bool = True) -> list["Table"]:
        """Give a list of mappings, each called `noun 'label'` in the problems found in it."""
        found = []
        for place, value in enumerate(self.sequence(name, required=required), start=1):
            if not isinstance(value, dict):
                self.wrong(name, f"entry {place} must be a mapping, not {value!r}", shape=True)
                continue
            mark = f"'{value[label]}'" if isinstance(value.get(label), str | int) else f"no. {place}"
            prefix = f"{self.subject}: " if self.subject else ""
            found.append(Table(value, self.file, f"{prefix}{noun} {mark}", self.problems))
        return found

    def done(self) -> None:
        """Report every key that nobody asked for."""
        for name in self.raw:
            if name not in self.asked:
                self.wrong(str(name), "unknown key")


def read_table(path: Path, problems: list[Problem]) -> Table:
    """Read a YAML file that must hold a mapping; what cannot be read is a problem and reads as empty."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        problems.append(Problem(path.name, "", "", "the file is missing"))
        return Table({}, path.name, "", [])
    return parse_table(content, path.name, problems)


def parse_table(content: bytes, name: str, problems: list[Problem]) -> Table:
    """Read the YAML of a file of that name, as `read_table` does."""
    try:
        raw = strict_yaml.read(content.decode("utf-8-sig"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problems.append(Problem(name, "", "", f"line {line}: {error.problem}"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(Problem(name, "", "", str(error)))
    else:
        if isinstance(raw, dict):
            return Table(raw, name, "", problems)
        problems.append(Problem(name, "", "", "the file must hold a mapping"))
    return Table({}, name, "", [])
