"""What the sidebar and the tab bar show: apps register entries, a membership sees the ones it may open."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch

from web.addresses import reverse

WORK = "My work"
ORGANIZATION = "Organization"
ADMIN = "Admin"
SECTIONS = (WORK, ORGANIZATION, ADMIN)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. `permission` is a member of `access.permissions.Permission`, or None for everybody in the organization.

    `url_name` is the name below `/o/<org>/`, without the `org:` before it. `tab` puts it on the phone's tab bar too (five fit).
    `key` is the letter after G that goes there.
    """

    section: str
    title: str
    icon: str
    url_name: str
    permission: Any = None
    order: int = 100
    tab: bool = False
    key: str = ""
    count: Callable[[Any], int] | None = None
    """The figure beside the link; asked on every page that shows the navigation, so one cheap statement."""
    host_only: bool = False
    """Not for partners inside this organization."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as one person sees it on one page."""

    title: str
    icon: str
    address: str
    current: bool
    tab: bool
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its links."""

    title: str
    links: list[Link] = field(default_factory=list)


_entries: dict[tuple[str, str], Entry] = {}


def register(*entries: Entry) -> None:
    """Add entries, normally from an app's `ready()`. The same title in the same section replaces the older one."""
    for entry in entries:
        if entry.section not in SECTIONS:
            raise ValueError(f"navigation: {entry.title!r} names the unknown section {entry.section!r}")
        _entries[entry.section, entry.title] = entry


def registered() -> list[Entry]:
    """Return every entry in the order it is shown."""
    return sorted(_entries.values(), key=lambda entry: (SECTIONS.index(entry.section), entry.order, entry.title))


def sections(request: HttpRequest) -> list[Section]:
    """Return the sections this person may see in this organization; empty outside one."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return []
    shown: dict[str, Section] = {}
    entries = list(_open_entries(request, organization.slug))
    current = max((address for _, address in entries if _holds(address, request.path)), key=len, default="")
    for entry, address in entries:
        name = organization.name if entry.section == ORGANIZATION else entry.section
        count = entry.count(request) if entry.count else 0
        link = Link(entry.title, entry.icon, address, address == current, entry.tab, entry.key, count)
        shown.setdefault(name, Section(name)).links.append(link)
    return list(shown.values())


def _holds(address: str, path: str) -> bool:
    return path == address or path.startswith(f"{address.rstrip('/')}/")


def _open_entries(request: HttpRequest, slug: str) -> Iterable[tuple[Entry, str]]:
    """Return the entries that this person may open, and where they lead."""
    permissions: Collection[Any] = getattr(request, "permissions", frozenset())
    for entry in registered():
        if entry.permission is not None and entry.permission not in permissions:
            continue
        if entry.host_only and getattr(request, "part", None) is not None:
            continue
        try:
            address = reverse(f"org:{entry.url_name}", kwargs={"org": slug})
        except NoReverseMatch:
            continue  # the app that owns the page is not installed in this process
        yield entry, address
