"""What somebody who left the organization leaves behind: their roles in teams, and what they had in hand."""

from uuid import UUID

from accounts.models import Membership, User
from audit.actor import Actor
from onboarding.deployments.models import Item, TeamRole


def hand_back(membership_id: UUID, *, by: Actor) -> int:
    """Vacate the team roles of whoever left, and give their open items back to the roles; return how many changed hands.

    Deputies step in. Nothing happens while the person belongs to the organization, by this membership or a newer one;
    called again it is as once.
    """
    member = Membership.objects.filter(pk=membership_id).select_related("user").first()
    if member is None or Membership.objects.active().filter(user=member.user_id).exists():
        return 0
    return _roles_of(member.user, by) + _items_of(member.user, by)


def _roles_of(person: User, by: Actor) -> int:
    deputies = list(TeamRole.objects.filter(deputy=person).order_by("pk"))
    for role in deputies:
        role.lose_deputy(by=by)  # first: who leaves does not step in for themselves
    held = list(TeamRole.objects.filter(person=person).order_by("pk"))
    for role in held:
        role.vacate(by=by)
    return len(deputies) + len(held)


def _items_of(person: User, by: Actor) -> int:
    items = list(Item.objects.filter(assignee=person).open().order_by("pk"))
    for item in items:
        item.assign(None, by=by)
    return len(items)
