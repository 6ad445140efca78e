"""What a gate's criteria read: the items and the team as they stand, and the facts that other apps state."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from facts.criteria import Reading
from facts.models import Fact
from onboarding.deployments.models import Item, TeamRole


class DeploymentReadings:
    """The readings of one deployment. Items, team and facts are each read once, whatever the number of criteria."""

    def __init__(
        self, deployment_id: UUID, *, covered: frozenset[UUID] = frozenset(), today: date | None = None
    ) -> None:
        """`covered`: conditional items that a condition of the review at hand carries (owner, workaround, expiry)."""
        self.today = today or timezone.localdate()
        self._covered = covered
        self._items: list[Any] = list(
            Item.objects.filter(deployment_id=deployment_id).values_list(
                "id", "stage", "gate_class", "state", "completed_by_gate", "waived_until", named=True
            )
        )
        self._vacant = set(TeamRole.objects.filter(deployment_id=deployment_id).vacant().values_list("code", flat=True))
        self._facts = {fact.kind: fact for fact in Fact.objects.about(deployment_id).current()}

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return what the leaf asks about, or None where nothing is known."""
        kind = leaf["fact"]
        if kind == "items.blocking_open":
            return Reading(self._open("blocks", leaf["stages"]))
        if kind == "items.conditional_open":
            return Reading(self._open("conditional", leaf["stages"]))
        if kind == "team.vacant_roles":
            wanted = leaf.get("roles")
            return Reading(len(self._vacant & set(wanted)) if wanted else len(self._vacant))
        fact = self._facts.get(kind)
        return Reading(fact.value, fact.observed_at, fact.valid_until) if fact else None

    def _open(self, gate_class: str, stages: list[int]) -> int:
        # The rows of signed gates are closed by the gates themselves: they never hold one back.
        return sum(
            1
            for item in self._items
            if item.gate_class == gate_class
            and item.stage in stages
            and not item.completed_by_gate
            and item.id not in self._covered
            and (
                item.state in Item.OPEN
                or (
                    item.state == Item.State.WAIVED and item.waived_until is not None and item.waived_until < self.today
                )
            )
        )
