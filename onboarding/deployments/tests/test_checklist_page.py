"""The checklist page."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from onboarding.deployments.models import Item, TeamRole
from tenancy.scope import scope
from testing.scenes import Scene
from testing.statements import counted

ClientOf = Callable[[User], Client]


def address(scene: Scene, rest: str = "") -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/{rest}"


def test_a_manager_sees_every_item_under_its_stage(scene: Scene, client_of: ClientOf) -> None:
    text = client_of(scene.world.manager).get(address(scene)).content.decode()
    assert text.count("data-row") == 101
    assert "Stillwater CBT at Main Street" in text
    assert "4 Build and integrate" in text
    assert "Not yet" in text


def test_filters_in_the_address_narrow_the_list_and_can_be_cleared(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        expected = (
            Item.objects.of_deployment(scene.deployment.pk).filter(stage=4, owner="INT", gate_class="blocks").count()
        )
    text = client.get(address(scene, "?stage=4&owner=INT&gate=blocks")).content.decode()
    assert text.count("data-row") == expected > 0
    assert "Clear filters" in text
    empty = client.get(address(scene, "?stage=4&show=blocked")).content.decode()
    assert "No item matches" in empty
    assert "101 items without the filters." in empty


def test_an_item_opened_beside_the_list_leads_to_its_neighbors_in_the_order_on_screen(
    scene: Scene, client_of: ClientOf
) -> None:
    client, filters = client_of(scene.world.manager), "?stage=4&sort=due"
    with scope(scene.world.host.pk):
        order = Item.objects.of_deployment(scene.deployment.pk).filter(stage=4).order_by("due_on", "number")
        numbers = list(order.exclude(state="not_applicable").values_list("number", flat=True))
    assert len(numbers) > 3
    panel = client.get(address(scene, f"items/{numbers[1]}/{filters}"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in panel
    for label, number in (("Previous item", numbers[0]), ("Next item", numbers[2])):
        link = panel.partition(f'aria-label="{label}"')[0].rpartition("<a ")[2]
        assert f'/items/{number}/?stage=4&amp;sort=due"' in link, label


def test_the_count_names_the_items_that_are_not_needed(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        scene.item("tool-dossier").mark_not_applicable(by=scene.manager, reason="The tool is known.")
        count = Item.objects.of_deployment(scene.deployment.pk).filter(state="not_applicable").count()
    text = client_of(scene.world.manager).get(address(scene)).content.decode()
    assert f"101 items, {count} not needed" in text


def test_an_overdue_item_says_so_in_words(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        today = timezone.localdate(timezone=ZoneInfo(scene.world.host.time_zone))
        scene.item("interest-recorded").move_due(today - timedelta(days=13), by=scene.manager)
    text = client_of(scene.world.manager).get(address(scene, "?show=overdue")).content.decode()
    assert "Overdue 13 d" in text


def test_it_takes_the_same_few_statements_whatever_the_number_of_children(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    client.get(address(scene))
    with CaptureQueriesContext(connection) as many:
        client.get(address(scene))
    with scope(scene.world.host.pk):
        keep = Item.objects.of_deployment(scene.deployment.pk).values("pk")[:2]
        Item.objects.exclude(pk__in=list(keep.values_list("pk", flat=True))).update(state=Item.State.RETIRED)
    with CaptureQueriesContext(connection) as few:
        client.get(address(scene))
    assert len(counted(many)) == len(counted(few)), "\n".join(counted(many))
    assert len(counted(many)) <= 12, "\n".join(counted(many))


def test_a_page_that_shows_the_newest_version_is_told_so(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    text = client.get(address(scene)).content.decode()
    version = text.split('data-version="', 1)[1].split('"', 1)[0].replace("&#34;", '"')
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_IF_NONE_MATCH": version}
    assert client.get(address(scene), **asked).status_code == 304
    with scope(scene.world.host.pk):
        scene.item("interest-recorded").start(by=scene.by(scene.world.contributor))
    changed = client.get(address(scene), **asked)
    assert changed.status_code == 200
    text = changed.content.decode()
    assert 'id="head" hx-swap-oob="true"' in text
    assert "<html" not in text
    assert text.count("data-row") == 101


@pytest.mark.parametrize("who", ["stranger", "vendor_manager"])
def test_who_has_nothing_to_do_with_it_gets_the_404_of_nothing(scene: Scene, client_of: ClientOf, who: str) -> None:
    client = client_of(getattr(scene.world, who))
    found = client.get(address(scene))
    missing = client.get("/o/nowhere/deployments/00000000-0000-7000-8000-000000000000/")
    assert (found.status_code, found.content) == (404, missing.content)


def test_a_vacant_team_role_still_names_the_role(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        role = TeamRole.objects.get(deployment=scene.deployment, code="SEC")
    assert f'title="{role.title}"' in client_of(scene.world.manager).get(address(scene)).content.decode()
