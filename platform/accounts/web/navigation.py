"""What the admin console puts into the sidebar."""

from access.permissions import Permission
from web.navigation import ADMIN, Entry, register


def enter() -> None:
    """Register the console's pages."""
    register(
        Entry(ADMIN, "People", "people", "console:people", Permission.PEOPLE_READ, order=10),
        Entry(ADMIN, "Invitations", "plus", "console:invitations", Permission.PEOPLE_MANAGE, order=20),
        Entry(ADMIN, "Who may do what", "shieldok", "console:roles", Permission.PEOPLE_READ, order=30),
        Entry(ADMIN, "API tokens", "key", "console:tokens", Permission.TOKEN_MANAGE, order=80),
        Entry(ADMIN, "Organization", "sliders", "console:organization", Permission.POLICY_MANAGE, order=90),
    )
