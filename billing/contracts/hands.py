"""Whose hands money may pass through: people of the paying organization, two of them for whatever binds it."""

from uuid import UUID

from access.permissions import SAYS, Permission, permissions_of
from audit.actor import Actor
from tenancy.scope import current


class BillingRefused(Exception):
    """A contract or statement does not allow this; the message says why."""


def demand_hand(by: Actor, permission: Permission) -> UUID:
    """Return the id of the person who acts; raise BillingRefused unless one of the organization in scope does, with the permission.

    The views ask too. Verbs about money ask again: an API, a command or a task that forgets must not pay anybody.
    """
    if by.id is None:
        raise BillingRefused("Only a person can do this.")
    if by.organization_id != current().organization_id:
        raise BillingRefused("Only people of the paying organization can do this.")
    if permission not in permissions_of(by.roles):
        raise BillingRefused(f"You cannot do this: {SAYS[permission].lower()}.")
    return by.id
