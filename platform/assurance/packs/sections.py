"""What goes into a pack. Each app declares its own sections, in `assurance.py`, beside its checks.

    section("waivers", "Waivers", order=40, collect=waivers)

A section with papers whose openings are kept says in `read` how one is written down: a pack is no way around that.
`collect` runs in the organization's scope, in one transaction, and may run again for the same pack.
"""

import json
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from audit.actor import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pack is over."""

    organization_id: UUID
    deployment_id: UUID | None
    """None: the whole organization."""
    since: datetime
    until: datetime
    """Exclusive."""

    def of_deployment(self, field: str = "deployment_id") -> dict[str, UUID]:
        """Return the condition of a query: this deployment, or nothing where all are wanted."""
        return {field: self.deployment_id} if self.deployment_id else {}

    def within(self, field: str) -> dict[str, datetime]:
        """Return the condition of a query on a moment."""
        return {f"{field}__gte": self.since, f"{field}__lt": self.until}


class Folder:
    """Where a section puts its files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def rows(self, name: str, rows: Iterable[dict[str, Any]]) -> int:
        """Write rows as a JSON array, a row a line; return how many."""
        count = 0
        with self._open(name) as file:
            file.write("[")
            for count, row in enumerate(rows, 1):
                file.write(",\n" if count > 1 else "\n")
                file.write(json.dumps(row, sort_keys=True, ensure_ascii=False, default=str))
            file.write("\n]\n")
        return count

    def lines(self, name: str, lines: Iterable[str]) -> None:
        """Write lines as they are; each brings its own end."""
        with self._open(name) as file:
            file.writelines(lines)

    def bytes(self, name: str, content: bytes) -> None:
        """Write a file."""
        self._place(name).write_bytes(content)

    def copy(self, name: str, source: Path) -> None:
        """Take over a file of the store."""
        shutil.copyfile(source, self._place(name))

    def _place(self, name: str) -> Path:
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise ValueError(f"{name} would lie outside the pack.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _open(self, name: str) -> Any:
        return self._place(name).open("w", encoding="utf-8")


Collect = Callable[[Wanted, Folder], int]
"""Puts files into the folder; returns how many entries they hold."""
Read = Callable[[Wanted, Collection[str], Actor, str], None]
"""Writes down that somebody got the files of these hashes with a pack, and how: where openings are kept paper by paper."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a pack."""

    name: str
    title: str
    collect: Collect
    order: int
    read: Read | None = None


Offer = Callable[[], list[tuple[UUID, str]]]
_sections: dict[str, Section] = {}
_offers: list[Offer] = []


def section(name: str, title: str, *, order: int, collect: Collect, read: Read | None = None) -> Section:
    """Declare a section; raise ValueError if the name is taken."""
    if name in _sections:
        raise ValueError(f"The section {name} is declared twice.")
    _sections[name] = Section(name, title, collect, order, read)
    return _sections[name]


def every() -> list[Section]:
    """Return all sections in their order."""
    return sorted(_sections.values(), key=lambda one: (one.order, one.name))


def offers(offer: Offer) -> None:
    """Name the deployments in scope that a pack can be about, with their titles."""
    _offers.append(offer)


def deployments() -> list[tuple[UUID, str]]:
    """Return the deployments of the organization in scope, by title."""
    return sorted((one for offer in _offers for one in offer()), key=lambda one: one[1])
