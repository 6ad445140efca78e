"""Who may be named on a deployment: the host's own people, and those of partners it is shared with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from access.permissions import PARTS, Part, Permission, permissions_of
from accounts.models import Membership
from onboarding.deployments.models import Deployment, TeamRole
from tenancy.models import Share
from tenancy.scope import current, scope


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can see the deployment and work in it."""

    id: UUID
    name: str
    title: str
    organization: str
    side: str
    """host, vendor or hub."""

    @property
    def label(self) -> str:
        """The name as a list shows it."""
        return f"{self.name}, {self.organization}" if self.side != "host" else self.name


def host_people(*deployments: Any) -> list[Candidate]:
    """Return the members of the organization in scope who may work on these deployments' items or review them, by name."""
    sites = list(Deployment.objects.filter(pk__in=deployments).values_list("site_id", flat=True))
    return _members("", "host", Permission.ITEM_READ, sites)


def partner_people(deployment_id: Any) -> list[Candidate]:
    """Return the people of the vendors and hubs that the deployment is shared with, by name.

    Only from the host's own scope: the crossing into the partner's memberships rests on a share in force.
    """
    if not current().of_host:
        return []
    shares = list(
        Share.objects.in_force()
        .filter(deployment_id=deployment_id, part__in=[Part.VENDOR, Part.HUB])
        .select_related("partner")
        .order_by("partner__name")
    )
    found: list[Candidate] = []
    for share in shares:
        with scope(share.partner_id):
            found += _members(share.partner.name, share.part, Permission.ITEM_WORK, [], part=share.part)
    return found


def everyone(deployment_id: Any) -> list[Candidate]:
    """Return all who can see the deployment's items, as far as the scope lets one know.

    A partner cannot read the host's memberships; it knows the people who stand in the team.
    """
    if current().of_host:
        return host_people(deployment_id) + partner_people(deployment_id)
    team = TeamRole.objects.filter(deployment_id=deployment_id).select_related("person", "deputy")
    known = {
        person.pk: Candidate(person.pk, str(person), role.title, "", role.side)
        for role in team
        for person in (role.deputy, role.person)
        if person
    }
    return sorted(known.values(), key=lambda one: one.name)


def mentioned(body: str, candidates: list[Candidate], roles: dict[str, list[UUID]]) -> list[UUID]:
    """Return who is named in a remark by `@Full Name` or `@CODE` of a team role; nobody outside the candidates."""
    allowed = {one.id for one in candidates}
    text = body.casefold()
    named = [one.id for one in candidates if f"@{one.name.casefold()}" in text]
    words = {word.strip(".,;:!?()") for word in body.split() if word.startswith("@")}
    named += [person for code, people in roles.items() if f"@{code}" in words for person in people]
    return [person for person in dict.fromkeys(named) if person in allowed]


def _members(
    organization: str, side: str, permission: Permission, sites: list[UUID], part: str | None = None
) -> list[Candidate]:
    members = Membership.objects.active().reaching(sites).select_related("user").order_by("user__name", "user__email")
    allowed = PARTS[Part(part)] if part else None
    return [
        Candidate(member.user_id, str(member.user), member.title, organization, side)
        for member in members
        if permission in permissions_of(member.roles) and (allowed is None or permission in allowed)
    ]
