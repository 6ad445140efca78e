"""What each app says of its pages' pictures, in `<app>/tests/pictures.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.urls import reverse

from testing.browser import DESKTOP, PHONE

LIGHT, DARK, SMALL, SMALL_DARK = "light", "dark", "phone", "phone-dark"
LOOKS = {LIGHT: (DESKTOP, False), DARK: (DESKTOP, True), SMALL: (PHONE, False), SMALL_DARK: (PHONE, True)}
EVERY = (LIGHT, DARK, SMALL)
HOST = "riverbend"
MANAGER, SPONSOR, OWNER = "implementation.manager", "executive.sponsor", "chief.operating.officer"
PRESCRIBER = "prescriber"
NOBODY = ""

Ids = Mapping[str, str | Callable[[Any], object]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One page: by whom, where, and in which looks. Its ids are names of things of the demo, or ask the demo for one."""

    name: str
    person: str
    """The local part of the person's address, of the host or with its own `@`; nobody: signed out."""
    view: str
    """The name of the view below `org:` as templates write it, or a whole path, or the whole name of a view outside."""
    ids: Ids = field(default_factory=dict)
    query: str | Callable[[Any], str] = ""
    looks: tuple[str, ...] = (LIGHT,)
    keys: str = ""
    """What is pressed before the picture is taken, as Playwright writes it."""
    at: Callable[[Any], str] | None = None
    """Where it is, for an address that carries its organization itself."""
    within: bool = True
    """Whether the address is below `/o/<org>/`."""

    @property
    def route(self) -> str:
        """The whole name of the view."""
        return f"org:{self.view}" if self.within else self.view

    def address(self, demo: Any) -> str:
        """Return where it is in the demo; to be called in the demo host's scope."""
        query = self.query(demo) if callable(self.query) else self.query
        if self.at is not None:
            return self.at(demo)
        if self.view.startswith("/"):
            return self.view + query
        ids = {name: thing(demo) if callable(thing) else getattr(demo, thing) for name, thing in self.ids.items()}
        ids = {name: getattr(thing, "pk", thing) for name, thing in ids.items()}
        return reverse(self.route, kwargs={"org": demo.org, **ids}) + query


_pictures: dict[tuple[str, tuple[str, ...]], Picture] = {}
_unpictured: dict[str, str] = {}


def picture(name: str, person: str, view: str, ids: Ids | None = None, **more: Any) -> None:
    """Say how a page is looked at. A name may come twice, with other looks."""
    found = Picture(name, person, view, ids or {}, **more)
    if (name, found.looks) in _pictures:
        raise ValueError(f"The picture {name} is declared twice in the same looks.")
    _pictures[name, found.looks] = found


def unpictured(view: str, why: str, *, within: bool = True) -> None:
    """Say why the demo has no such page to look at; `view` and `within` as in `picture`."""
    _unpictured[f"org:{view}" if within else view] = why


def load() -> None:
    """Read every app's `tests/pictures.py`."""
    for config in apps.get_app_configs():
        if (Path(config.path) / "tests" / "pictures.py").exists():
            import_module(f"{config.name}.tests.pictures")


def pictures() -> list[Picture]:
    """Return every picture, in the order of their names."""
    load()
    return [_pictures[key] for key in sorted(_pictures)]


def missing(views: set[str]) -> list[str]:
    """Return which of these views are neither pictured nor excused."""
    known = {one.route for one in pictures()} | set(_unpictured)
    return sorted(views - known)
