"""What happened: on a deployment's own tab, and site by site on its program's page."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Event
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def place(scene: Scene) -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/history/"


def test_the_tab_tells_who_did_what_and_can_be_narrowed(
    scene: Scene, client_of: ClientOf, django_assert_max_num_queries: object
) -> None:
    with scope(scene.world.host.pk):
        scene.item("tool-dossier").block(by=scene.by(scene.world.contributor), reason="No answer", waits_for="VEN")
    client = client_of(scene.world.manager)
    text = client.get(place(scene)).content.decode()
    assert "<b>Analyst Host</b> marked #" in text
    assert 'aria-current="page"' in text
    assert "<b>Analyst Host</b>" in client.get(place(scene) + "?what=items").content.decode()
    assert "<b>Analyst Host</b>" not in client.get(place(scene) + "?what=gates").content.decode()
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        assert client.get(place(scene)).status_code == 200


def test_older_events_stand_on_pages_of_their_own_and_nonsense_is_the_newest(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("tool-dossier")
        for person in [scene.world.contributor, scene.world.manager] * 30:
            item.assign(person, by=scene.manager)
        told = list(Event.objects.of_deployment(scene.deployment.pk).values_list("pk", flat=True))
    client = client_of(scene.world.manager)
    first = client.get(place(scene)).content.decode()
    assert f"before={told[49]}" in first
    older = client.get(f"{place(scene)}?before={told[49]}").content.decode()
    assert older.count('<p class="who">') == len(told) - 50
    for query in ("?before=%00", "?before=x&what=nothing"):
        assert client.get(place(scene) + query).content.decode().count('<p class="who">') == 50


def test_partners_and_learners_read_no_history(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    for person in (
        scene.world.vendor_manager,
        scene.world.hub_manager,
        scene.world.funder_manager,
        scene.world.learner,
    ):
        assert client_of(person).get(place(scene)).status_code == 403


@pytest.mark.parametrize("reads", ["manager", "vendor_manager"])
def test_a_programs_page_tells_its_milestones_with_their_site_to_the_hosts_people(
    scene: Scene, client_of: ClientOf, reads: str
) -> None:
    scene.share()
    answer = client_of(getattr(scene.world, reads)).get(f"/o/host/programs/{scene.program.pk}/")
    assert (", Main Street · " in answer.content.decode()) == (reads == "manager")
