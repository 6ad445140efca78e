"""Why a criterion does not hold, in words, with the way to what would make it true."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from facts.criteria import Outcome
from facts.kinds import UnknownKind, find
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import Standing
from onboarding.golive.readings import COUNTED, VACANT, DeploymentReadings
from web.formats import plural

NAMED = 4
"""How many items are named one by one before the rest is counted."""
LOOKS = {"Met": "met", "Not met": "blocked", "Out of date": "expired", "Not known": "later"}


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion as a page shows it: how it stands, the sentence, what leads on, and what it is made of."""

    look: str
    word: str
    says: str
    holds: bool
    links: tuple[tuple[str, str], ...]
    """What would make it true: text and address; an empty address where the reader has no page for it."""
    parts: tuple["Line", ...]


class Explanation:
    """Explains the gates of one deployment to one reader."""

    def __init__(self, request: OrganizationRequest, deployment: Deployment) -> None:
        self._request, self._deployment = request, deployment
        self._reads_items = can(request, Permission.ITEM_READ)
        self._seen: set[int] | None = None

    def gate(self, standing: Standing) -> tuple[Line, ...]:
        """Return a line for each criterion of a gate."""
        return self.lines(standing.outcome, standing.readings)

    def lines(self, outcome: Outcome, readings: DeploymentReadings) -> tuple[Line, ...]:
        """Return a line for each part of an outcome that joins several by `all`, else one."""
        parts = outcome.parts if outcome.joined == "all" else (outcome,)
        return tuple(self._line(part, readings) for part in parts)

    def _line(self, outcome: Outcome, readings: DeploymentReadings, wanted: bool = True) -> Line:
        """`wanted`: what the part must be for the whole to hold; below a "not" it is the other way round."""
        holds = outcome.holds is wanted
        inner = wanted is not (outcome.joined == "not")
        return Line(
            look=LOOKS[outcome.word],
            word=outcome.word,
            says=outcome.says,
            holds=holds,
            links=() if holds or outcome.leaf is None else tuple(self._links(outcome.leaf, readings)),
            parts=tuple(self._line(part, readings, inner) for part in outcome.parts),
        )

    def _links(self, leaf: Any, readings: DeploymentReadings) -> list[tuple[str, str]]:
        if leaf["fact"] in COUNTED:
            return self._items(readings.open_items(leaf))
        if leaf["fact"] == VACANT:
            titles = readings.vacant_roles(leaf)
            return [(f"Fill {', '.join(titles)}", self._address("deployments:team"))] if titles else []
        try:
            kind = find(leaf["fact"])
        except UnknownKind:
            return []
        return [(f"{kind.source.capitalize()}: {kind.says}", self._address(kind.page))] if kind.page else []

    def _items(self, items: list[Any]) -> list[tuple[str, str]]:
        seen = [item for item in items if self._sees(item.number)]
        named = [
            (f"#{item.number} {item.title}", self._address("deployments:item", item=str(item.number)))
            for item in seen[:NAMED]
        ]
        rest = len(seen) - NAMED
        return (
            [*named, (f"and {plural(rest, 'more item')}", self._address("deployments:checklist"))]
            if rest > 0
            else named
        )

    def _sees(self, number: int) -> bool:
        """Whether the reader sees the item at all: a partner only what its lens shows."""
        if self._request.part is None or not self._reads_items:
            return self._reads_items
        if self._seen is None:
            lens = Lens.of(self._request)
            self._seen = set(lens.items(self._deployment.pk).values_list("number", flat=True))
        return number in self._seen

    def _address(self, name: str, **place: str) -> str:
        org = self._request.organization.slug
        for ids in ({"deployment": self._deployment.pk}, {}):
            try:
                return reverse(f"org:{name}", kwargs={"org": org, **ids, **place})
            except NoReverseMatch:
                continue
        return ""
