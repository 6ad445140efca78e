"""Who a shift concerns: the person an item is with, or the holder of its team role."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.models import User
from onboarding.deployments.models import TeamRole
from onboarding.plans.standing import Row


class Owners:
    """Names of those who own items of some deployments, in two reads."""

    def __init__(self, rows: Iterable[Row]) -> None:
        """Read the team roles and the people items are assigned to."""
        wanted = list(rows)
        ids = {row.assignee_id for row in wanted if row.assignee_id}
        self._people = User.objects.in_bulk(ids) if ids else {}
        self._roles: dict[tuple[UUID, str], TeamRole] = {
            (role.deployment_id, role.code): role
            for role in TeamRole.objects.filter(deployment_id__in={row.deployment_id for row in wanted}).select_related(
                "person"
            )
        }

    def person(self, row: Row) -> Any:
        """Return the person who does it, or None while the role is vacant."""
        if row.assignee_id:
            return self._people.get(row.assignee_id)
        role = self._roles.get((row.deployment_id, row.owner))
        return role.person if role else None

    def role(self, row: Row) -> str:
        """Return the title of the role that owns it."""
        role = self._roles.get((row.deployment_id, row.owner))
        return role.title if role else row.owner

    def name(self, row: Row) -> str:
        """Return the person's name, or the vacant role."""
        person = self.person(row)
        return str(person) if person else f"{self.role(row)}, vacant"
