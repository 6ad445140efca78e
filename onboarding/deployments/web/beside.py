"""Where an open item stands in the list beside it: its place and its neighbors, in the order on screen."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.web.checklist import items_of, missing_of, place_of, tail_of, team_of
from onboarding.deployments.web.checklist_filters import SORTS, Filters


def beside(request: HttpRequest, lens: Lens, deployment: Deployment, found: Item) -> dict[str, Any]:
    """Return the place and the neighbors of an item that is opened where the list is on screen already.

    One statement; one more where the list is grouped by owner, and one where it shows what lacks evidence.
    """
    today = timezone.localdate()
    asked = Filters.of(request.GET, request.actor.id)  # type: ignore[attr-defined]
    missing = missing_of(lens, deployment.pk, today) if asked.missing else (lambda item: 0)
    matched = [one for one in items_of(lens, deployment.pk) if asked.match(one, missing(one), today)]
    titles = {code: role.title for code, role in team_of(deployment.pk).items()} if asked.group == "owner" else {}

    def on_screen(item: dict[str, Any]) -> tuple[Any, Any]:
        group = item["stage"] if asked.group == "stage" else asked.group_of(item, titles)[0]
        return group, SORTS[asked.sort][1](item)

    place, tail = place_of(request, deployment), tail_of(request)
    rows = [(one["id"], f"{place}items/{one['number']}/{tail}") for one in sorted(matched, key=on_screen)]
    return neighbors(rows, found)


def neighbors(rows: list[tuple[UUID, str]], found: Item) -> dict[str, Any]:
    """Return the place of an item among rows of id and address, and the addresses before and after it."""
    at = next((index for index, (pk, _) in enumerate(rows) if pk == found.pk), None)
    if at is None:
        return {"position": f"#{found.number}", "previous": None, "next": None}
    return {
        "position": f"{at + 1} of {len(rows)}",
        "previous": rows[at - 1][1] if at else None,
        "next": rows[at + 1][1] if at + 1 < len(rows) else None,
    }
