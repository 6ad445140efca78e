"""Who can still hear of an organization's work: its members, and the partners with whom a deployment is shared."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext_noop

from access.permissions import Role
from accounts.models import Membership, Seat, User
from tenancy.models import Share
from tenancy.models.share import ShareQuerySet
from tenancy.scope import person_scope

FALLS_TO_YOU = gettext_noop("Nobody holds it now: it falls to you.")


def with_a_share(person: UUID) -> ShareQuerySet:
    """Return what the organization in scope shares with the organizations that the person comes from."""
    with person_scope(person):
        homes = [seat.organization_id for seat in Seat.of(person) if not seat.sites]
    return Share.objects.in_force().filter(partner__in=homes)


def reachable(asked: Iterable[tuple[UUID, UUID | None]]) -> set[tuple[UUID, UUID | None]]:
    """Return which (person, deployment) may still hear of this organization: members, and partners of the deployment.

    A member limited to sites hears of the deployments there, and of what belongs to none.
    """
    places: dict[UUID, set[UUID | None]] = defaultdict(set)
    for person, deployment in asked:
        places[person].add(deployment)
    members = Seat.here(places)
    found: set[tuple[UUID, UUID | None]] = set()
    for person, deployments in places.items():
        known = {one for one in deployments if one}
        if person in members:
            heard: set[UUID | None] = {*members[person].reached(known), *(deployments - known)}
        else:
            heard = set(with_a_share(person).filter(deployment_id__in=known).values_list("deployment_id", flat=True))
        found.update((person, one) for one in heard)
    return found


class Hearers:
    """Who of some people still belongs here, and who stands in where nobody does. Needs the organization's scope."""

    def __init__(self, asked: Iterable[tuple[User, UUID | None]]) -> None:
        """Ask for all of them at once, each with the deployment that it is about."""
        self._reached = reachable((person.pk, at) for person, at in asked if person.is_active)

    def hears(self, person: User, deployment_id: UUID | None) -> bool:
        """Whether the person may still be told."""
        return (person.pk, deployment_id) in self._reached

    def in_charge(self, role: Role, deployment_id: UUID | None) -> list[User]:
        """Return the members who hold a role and reach the deployment, the longest-standing first."""
        return [
            member.user
            for member, seat in self._leaders
            if role in member.roles and (deployment_id is None or deployment_id in seat.reached([deployment_id]))
        ]

    def instead(self, deployment_id: UUID | None) -> list[User]:
        """Return whose matter it is where it is nobody's: the implementation managers', else the owners'."""
        managers = self.in_charge(Role.IMPLEMENTATION_MANAGER, deployment_id)
        return managers or self.in_charge(Role.OWNER, deployment_id)

    @cached_property
    def _leaders(self) -> list[tuple[Membership, Seat]]:
        members = [
            member
            for member in Membership.objects.active().select_related("user").order_by("joined_at", "pk")
            if {Role.IMPLEMENTATION_MANAGER, Role.OWNER} & set(member.roles) and member.user.is_active
        ]
        seats = Seat.here([member.user_id for member in members])
        return [(member, seats[member.user_id]) for member in members if member.user_id in seats]
