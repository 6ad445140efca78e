"""The pages of joint waves: led by one organization, answered by others."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from onboarding.joint.models import JointPlace, JointWave, OwnPlace
from onboarding.joint.tests.scene import Joint, joint
from onboarding.playbooks.document import PlaybookDocument
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


@pytest.fixture
def together(scene: Scene, starter: PlaybookDocument) -> Joint:
    return joint(scene, starter)


def test_a_hub_leads_two_organizations_on_its_page_and_each_answers_on_its_own(
    together: Joint, client_of: ClientOf
) -> None:
    world, wave = together.scene.world, together.wave
    hub, host, other = (client_of(one) for one in (world.hub_manager, world.manager, world.stranger))
    board = f"/o/hub/joint/{together.program.pk}/"
    assert "Quarry Lane" in hub.get(board).content.decode()
    asked = {"deployment": [str(together.scene.deployment.pk), str(together.other.pk)]}
    hub.post(f"{board}waves/{wave.pk}/places", asked)
    mine = host.get("/o/host/joint/").content.decode()
    assert "Main Street" in mine
    assert "Quarry Lane" not in mine
    assert "Riverbend" not in other.get("/o/elsewhere/joint/").content.decode().replace("Riverbend and friends", "")
    for client, slug, organization in ((host, "host", world.host), (other, "elsewhere", world.elsewhere)):
        with scope(organization.pk):
            own = OwnPlace.objects.get()
        client.post(f"/o/{slug}/joint/places/{own.pk}/accept")
    with scope(world.hub.pk):
        canary = JointPlace.objects.get(site="Main Street")
        assert set(JointPlace.objects.values_list("answer", flat=True)) == {"accepted"}
    hub.post(f"{board}waves/{wave.pk}/rules", {"canaries": [canary.pk], "stable_days": "7", "criteria": ["accepted"]})
    hub.post(
        f"{board}places/{canary.pk}/staff",
        {"user": world.hub_manager.pk, "role": "trainer", "hours": "8", "weeks_before": "4", "weeks_after": "2"},
    )
    hub.post(f"{board}waves/{wave.pk}/start")
    page = hub.get(board).content.decode()
    assert "Canary sites" in page
    assert "trainer, 8 h a week" in page
    assert "Canary: 7 days live" in host.get("/o/host/joint/").content.decode()
    hub.post(f"{board}waves/{wave.pk}/halt", {"reason": "The trainer is ill."})
    assert "The trainer is ill." in other.get("/o/elsewhere/joint/").content.decode()
    with scope(world.hub.pk):
        assert JointWave.objects.get().state == "halted"


def test_nobody_else_opens_a_joint_program_or_answers_a_place(together: Joint, client_of: ClientOf) -> None:
    world = together.scene.world
    together.offer(accepted=False)
    with scope(world.host.pk):
        own = OwnPlace.objects.get()
    host, hub = client_of(world.manager), client_of(world.hub_manager)
    assert host.get(f"/o/host/joint/{together.program.pk}/").status_code == 404
    assert client_of(world.stranger).post(f"/o/elsewhere/joint/places/{own.pk}/accept").status_code == 404
    assert hub.post(f"/o/host/joint/places/{own.pk}/accept").status_code == 403
    assert hub.get("/o/host/joint/").status_code == 403
    assert client_of(world.contributor).post(f"/o/host/joint/places/{own.pk}/accept").status_code == 403
    with scope(world.host.pk):
        assert OwnPlace.objects.get().answer == "offered"


@pytest.mark.parametrize("verb", ["offer", "rules"])
def test_nonsense_changes_nothing(together: Joint, client_of: ClientOf, verb: str) -> None:
    hub = client_of(together.scene.world.hub_manager)
    place = f"/o/hub/joint/{together.program.pk}/waves/{together.wave.pk}/"
    body = {"offer": {"deployment": ["x\0"]}, "rules": {"stable_days": "-1"}}[verb]
    assert hub.post(place + {"offer": "places", "rules": "rules"}[verb], body).status_code == 302
    assert hub.post(f"{place}fly").status_code == 404
    with scope(together.scene.world.hub.pk):
        assert not JointPlace.objects.exists()


def test_the_page_takes_a_fixed_number_of_statements(
    together: Joint, client_of: ClientOf, django_assert_max_num_queries: object
) -> None:
    together.offer()
    hub = client_of(together.scene.world.hub_manager)
    hub.get(f"/o/hub/joint/{together.program.pk}/")
    with django_assert_max_num_queries(32):  # type: ignore[operator]
        assert hub.get(f"/o/hub/joint/{together.program.pk}/").status_code == 200
