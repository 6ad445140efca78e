"""Which papers of the vault an item is offered: those that fit one of its wanted kinds, and all others."""

from collections.abc import Sequence
from typing import Any

from onboarding.deployments.models import Item
from onboarding.vault import controls
from onboarding.vault.models import Paper

MOST = 200


def papers_for(item: Item, wanted: Sequence[str]) -> list[tuple[str, list[tuple[Any, str]]]]:
    """Return groups of (id, label), what fits first; one statement. Fits: given as that kind before, or shows its controls."""
    kinds = {f"{item.key}/{key}" for key in wanted}
    asked = {control for kind in kinds for control in controls.suggested(kind)}
    fitting: list[tuple[Any, str]] = []
    others: list[tuple[Any, str]] = []
    found = Paper.objects.offered_to_items().order_by("title", "id")
    for pk, title, shows, shown, approved in found.values_list("pk", "title", "shows", "controls", "approved_version")[
        :MOST
    ]:
        label = title if approved else f"{title} (waits for its review)"
        (fitting if shows in kinds or asked & set(shown) else others).append((pk, label))
    return [(name, group) for name, group in (("Fits this item", fitting), ("All other papers", others)) if group]
