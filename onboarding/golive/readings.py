"""What a gate's criteria read: the items and the team as they stand, and the facts that other apps state."""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from facts.criteria import Reading
from facts.kinds import private_names
from facts.models import Fact
from onboarding.deployments.models import Item, TeamRole

COUNTED = {"items.blocking_open": "blocks", "items.conditional_open": "conditional"}
"""Which class of items each of these figures counts."""
VACANT = "team.vacant_roles"
OWN_WORDS = {
    "items.blocking_open": "Open blocking items of stages",
    "items.conditional_open": "Open conditional items of stages, neither accepted nor waived",
    VACANT: "Team roles without a person",
}
"""What is read from items and team themselves, which no kind of fact declares."""
NOTHING: Mapping[UUID, date] = {}


class DeploymentReadings:
    """The readings of one deployment. Items, team and facts are each read once, whatever the number of criteria."""

    def __init__(
        self, deployment_id: UUID, *, covered: Mapping[UUID, date] = NOTHING, today: date | None = None
    ) -> None:
        """`covered`: items that a condition carries (owner, workaround), each with the last day on which it does."""
        self.today = today or timezone.localdate()
        self._covered = covered
        self._items: list[Any] = list(
            Item.objects.filter(deployment_id=deployment_id)
            .order_by("number")
            .values_list(
                "id", "number", "title", "stage", "gate_class", "state", "completed_by_gate", "waived_until", named=True
            )
        )
        self._vacant: dict[str, str] = dict(
            TeamRole.objects.filter(deployment_id=deployment_id).vacant().order_by("title").values_list("code", "title")
        )
        stated = Fact.objects.about(deployment_id).exclude(kind__in=private_names())
        self._facts = {fact.kind: fact for fact in stated.current()}

    @classmethod
    def as_they_stood(
        cls,
        items: Iterable[Any],
        vacant: Mapping[str, str],
        facts: Iterable[Fact],
        *,
        covered: Mapping[UUID, date],
        today: date,
    ) -> "DeploymentReadings":
        """Return the readings of another moment, from what stood then."""
        made = cls.__new__(cls)
        made.today, made._covered = today, covered
        made._items, made._vacant = list(items), dict(vacant)
        made._facts = {fact.kind: fact for fact in facts}
        return made

    def covering(self, covered: Mapping[UUID, date]) -> "DeploymentReadings":
        """Return the same readings with other items carried by conditions."""
        other = copy(self)
        other._covered = covered
        return other

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return what the leaf asks about, or None where nothing is known."""
        kind = leaf["fact"]
        if kind in COUNTED:
            return Reading(len(self.open_items(leaf)), valid_until=self._passes_until(leaf))
        if kind == VACANT:
            return Reading(len(self.vacant_roles(leaf)))
        fact = self._facts.get(kind)
        return Reading(fact.value, fact.observed_at, fact.valid_until) if fact else None

    def facts(self) -> list[Fact]:
        """Return the statement in force of every kind, by kind."""
        return [self._facts[kind] for kind in sorted(self._facts)]

    def vacant_roles(self, leaf: Mapping[str, Any]) -> list[str]:
        """Return the titles of the roles that nobody fills, of those that the leaf asks about."""
        wanted = leaf.get("roles") or self._vacant
        return [title for code, title in self._vacant.items() if code in wanted]

    def open_items(self, leaf: Mapping[str, Any]) -> list[Any]:
        """Return the items that keep the count of a leaf above nothing, by number."""
        return [item for item in self._counted(leaf) if self._is_open(item) and not self._carried(item)]

    def _counted(self, leaf: Mapping[str, Any]) -> list[Any]:
        # The rows of signed gates are closed by the gates themselves: they never hold one back.
        gate_class, stages = COUNTED[leaf["fact"]], leaf["stages"]
        return [
            item
            for item in self._items
            if item.gate_class == gate_class and item.stage in stages and not item.completed_by_gate
        ]

    def _is_open(self, item: Any) -> bool:
        waived = item.state == Item.State.WAIVED and item.waived_until is not None
        return item.state in Item.OPEN or (waived and item.waived_until < self.today)

    def _carried(self, item: Any) -> bool:
        return item.id in self._covered and self._covered[item.id] >= self.today

    def _passes_until(self, leaf: Mapping[str, Any]) -> datetime | None:
        """Until when the count stays as it is, if nobody does anything: the first end of a waiver or a condition."""
        waivers = [
            item.waived_until
            for item in self._counted(leaf)
            if item.state == Item.State.WAIVED and not self._is_open(item) and item.waived_until
        ]
        conditions = [
            self._covered[item.id] for item in self._counted(leaf) if self._is_open(item) and self._carried(item)
        ]
        last = min([*waivers, *conditions], default=None)
        return end_of(last) if last else None


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
