"""What a person's calendar shows: each domain adds its own days, for people who may see them."""

from collections.abc import Callable, Collection
from uuid import UUID

from access.permissions import Permission
from web.ical import Entry

Gather = Callable[[UUID, str, str], list[Entry]]
"""From a person, the address of this installation and the organization's slug; called in the person's own scope."""
SOURCES: dict[Permission, list[Gather]] = {}


def source(permission: Permission, gather: Gather) -> None:
    """Add days to the calendar of everybody with the permission; again changes nothing."""
    known = SOURCES.setdefault(permission, [])
    if gather not in known:
        known.append(gather)


def entries(user_id: UUID, base: str, org: str, permissions: Collection[Permission]) -> list[Entry]:
    """Return all of a person's days."""
    return [
        entry
        for permission, gathered in SOURCES.items()
        if permission in permissions
        for gather in gathered
        for entry in gather(user_id, base, org)
    ]
