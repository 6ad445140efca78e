"""Reads mappings out of a course's files and says file, key and field of what is wrong."""

import re
from typing import Any


class Fields:
    """One mapping of a file, read field by field; what is missing, wrong or unknown becomes a problem."""

    def __init__(self, problems: list[str], file: str, raw: Any, *, key: str = "", within: str = "") -> None:
        self.problems, self.file, self.within = problems, file, within
        self.raw: dict[Any, Any] = raw if isinstance(raw, dict) else {}
        self.key = key or str(self.raw.get("key") or "?")
        self.seen: set[str] = set()
        if not isinstance(raw, dict):
            self.problem("", "must be a mapping of fields")

    def problem(self, name: str, what: str) -> None:
        field = f"{self.within}.{name}".strip(".")
        self.problems.append(": ".join(part for part in (self.file, self.key, field, what) if part))

    def take(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        value = self.raw.get(name, default)
        if value is None:
            self.problem(name, "is missing")
        return value

    def text(self, name: str, default: str | None = None, *, like: re.Pattern[str] | None = None) -> str:
        value = self.take(name, default)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problem(name, f"must be text, is {value!r}")
            return ""
        words = value.strip()
        if not words and default is None:
            self.problem(name, "is empty")
        elif words and like and not like.fullmatch(words):
            self.problem(name, f"is not well formed: {words!r}")
        return words

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.take(name, default)
        if value is None:
            return low
        if type(value) is not int or not low <= value <= high:
            self.problem(name, f"must be a whole number from {low} to {high}, is {value!r}")
            return low
        return value

    def one_of(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.take(name, default)
        if value is not None and value not in allowed and value != default:
            self.problem(name, f"must be one of {', '.join(allowed)}, is {value!r}")
        return str(value or "")

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self.take(name, default)
        if value is not None and not isinstance(value, bool):
            self.problem(name, f"must be true or false, is {value!r}")
        return value is True

    def entries(self, name: str, default: list[Any] | None = None) -> list[Any]:
        value = self.take(name, default)
        if value is None:
            return []
        if not isinstance(value, list) or (not value and default is None):
            self.problem(name, "must be a list with at least one entry")
            return []
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.entries(name)
        for value in values:
            if not isinstance(value, str):
                self.problem(name, f"must hold text, holds {value!r}")
        return tuple(str(value) for value in values)

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """Whole numbers in a list that may be left out."""
        values = self.entries(name, [])
        for value in values:
            if type(value) is not int or not low <= value <= high:
                self.problem(name, f"must hold whole numbers from {low} to {high}, holds {value!r}")
        return tuple(value for value in values if type(value) is int)

    def rows(self, name: str, default: list[Any] | None = None, *, keyed: bool = False) -> "list[Fields]":
        rows = enumerate(self.entries(name, default), 1)
        if keyed:
            return [Fields(self.problems, self.file, raw, within=name) for _, raw in rows]
        places = ((f"{self.within}.{name}[{n}]".strip("."), raw) for n, raw in rows)
        return [Fields(self.problems, self.file, raw, key=self.key, within=within) for within, raw in places]

    def part(self, name: str) -> "Fields | None":
        self.seen.add(name)
        raw = self.raw.get(name)
        return None if raw is None else Fields(self.problems, self.file, raw, key=self.key, within=name)

    def done(self) -> None:
        for name in self.raw:
            if name not in self.seen:
                self.problem(str(name), "is not a field of the format")
