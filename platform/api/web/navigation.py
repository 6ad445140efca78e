"""What the API puts into the sidebar."""

from access.permissions import Permission
from web.navigation import ADMIN, Entry, register


def enter() -> None:
    """Register the reference."""
    register(Entry(ADMIN, "API reference", "book", "api:reference", Permission.TOKEN_MANAGE, order=85))
