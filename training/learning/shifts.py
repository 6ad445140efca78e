"""Superusers for each shift: about one for every ten users, certified, on every shift (domain.md 3.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from uuid import UUID

from training.learning.coverage import Coverage
from training.learning.models import Rollout, Shift

USERS_PER_SUPERUSER = 10
"""One superuser for every 8 to 10 users at go-live; a default that the plan of a site may beat."""


@dataclass(frozen=True, slots=True)
class Manned:
    """A shift with the superusers who are certified today."""

    shift: Shift
    certified: int

    @property
    def needed(self) -> int:
        """How many it takes; every shift has at least one."""
        return max(1, ceil(self.shift.users / USERS_PER_SUPERUSER))

    @property
    def short(self) -> int:
        """How many are missing."""
        return max(0, self.needed - self.certified)

    @property
    def ratio(self) -> str:
        """Users for each certified superuser, in words."""
        return f"1 for {self.shift.users / self.certified:.1f}".replace(".0", "") if self.certified else "none"


def shifts_of(rollouts: Collection[Rollout], coverage: dict[UUID, Coverage]) -> dict[UUID, list[Manned]]:
    """Return the planned shifts of each deployment. A superuser counts once trained in everything required of them."""
    found: dict[UUID, list[Manned]] = {rollout.pk: [] for rollout in rollouts}
    for shift in Shift.objects.filter(rollout__in=found, dropped_at=None).order_by("name", "id"):
        trained = certified(coverage[shift.rollout_id])
        found[shift.rollout_id].append(Manned(shift, len(trained & set(shift.superusers))))
    return found


def certified(coverage: Coverage) -> set[UUID]:
    """Return the superusers of a deployment who are trained."""
    return {person.user_id for person in coverage.people if person.job_role == "superuser" and person.trained}


def dose(minutes: int, users: int) -> float | None:
    """Return the minutes of help for each user: how much support a site got."""
    return minutes / users if users else None
