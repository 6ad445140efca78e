"""An item opened beside the list that is on screen: only the item is read, and its neighbors are those of the screen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from onboarding.deployments.models import Item
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FRAGMENT = {"HX-Request": "true", "HX-Target": "item"}
STATEMENTS = 28
"""For who is asking, the item, its panel, and its place among the others."""
LISTS = [
    "", "?sort=due", "?sort=title&group=none", "?group=owner", "?group=owner&sort=state", "?group=state&sort=owner",
    "?group=due", "?evidence=missing", "?evidence=missing&group=owner&sort=due", "?show=open&stage=3&stage=4", "?q=security",
    "?who=me", "?gate=blocks&sort=title",
]  # fmt: skip


def beside(page: str) -> tuple[str, list[str]]:
    """The place in the list that the panel says, and where its arrows lead."""
    panel = page[page.index('id="item"') :]
    place = re.search(r"\d+ of \d+|#\d+", panel)
    assert place
    return place[0], re.findall(r'<a [^>]*href="([^"]+)"[^>]*aria-label="(?:Previous|Next) item"', panel)


@pytest.mark.parametrize("asked", LISTS)
def test_the_neighbors_are_those_on_screen(scene: Scene, client_of: ClientOf, asked: str) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        Item.objects.of_deployment(scene.deployment.pk).filter(number__in=(7, 31)).update(
            assignee=scene.world.manager, state=Item.State.ACCEPTED, done_at=timezone.now()
        )
    for number in (1, 7, 40, 101):
        address = f"/o/host/deployments/{scene.deployment.pk}/items/{number}/{asked}"
        page = client.get(address).content.decode()
        assert beside(client.get(address, headers=FRAGMENT).content.decode()) == beside(page), number


@pytest.mark.parametrize(("asked", "more"), [("", 0), ("?group=owner", 1), ("?evidence=missing", 1)])
def test_opening_an_item_beside_the_list_reads_only_the_item(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: Any, asked: str, more: int
) -> None:
    client = client_of(scene.world.manager)
    address = f"/o/host/deployments/{scene.deployment.pk}/items/40/{asked}"
    client.get(address, headers=FRAGMENT)
    with django_assert_max_num_queries(STATEMENTS + more):
        answer = client.get(address, headers=FRAGMENT)
    assert answer.status_code == 200
