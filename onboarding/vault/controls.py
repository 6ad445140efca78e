"""Control sets: what an organization has to be able to show, as data files with our own wording. No licensed text.

A control is named `<set>/<control>`. `evidence` lists the playbook's kinds of evidence that answer it, so that a paper
given for an item is mapped by itself and offered where the same is wanted again.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "content"


class ControlSetError(ValueError):
    """A control set file is not what it should be; the message names file and control."""


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to be shown."""

    key: str
    """`<set>/<control>`"""
    title: str
    asks: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ControlSet:
    """A rule or practice, by where it comes from."""

    key: str
    title: str
    summary: str
    source: str
    controls: tuple[Control, ...]


@cache
def sets() -> tuple[ControlSet, ...]:
    """Return every control set by title; raise ControlSetError for a file that cannot be read."""
    return tuple(sorted((_read(path) for path in FOLDER.glob("*.yaml")), key=lambda one: one.title))


@cache
def every() -> dict[str, Control]:
    """Return every control by its key."""
    return {control.key: control for found in sets() for control in found.controls}


def suggested(kind: str) -> list[str]:
    """Return the keys of the controls that a kind of evidence answers."""
    return [control.key for control in every().values() if kind and kind in control.evidence]


def _read(path: Path) -> ControlSet:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        listed = tuple(
            Control(f"{path.stem}/{one['key']}", one["title"], one["asks"], tuple(one.get("evidence", ())))
            for one in raw["controls"]
        )
        found = ControlSet(path.stem, raw["title"], raw["summary"], raw["source"], listed)
    except (KeyError, TypeError) as error:
        raise ControlSetError(f"{path.name}: {error} is missing or of the wrong kind.") from error
    if len({one.key for one in listed}) != len(listed):
        raise ControlSetError(f"{path.name}: two controls have one key.")
    return found
