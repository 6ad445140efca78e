"""Joint waves over the API: led by one organization's program, answered by another's."""

from typing import Any

import pytest

from access.permissions import Permission
from accounts.models import User
from api.tests.callers import Caller, assert_problem, token
from audit.models import Event
from onboarding.joint.models import JointPlace, JointProgram, JointWave, OwnPlace
from onboarding.joint.tests.scene import Joint, joint
from onboarding.playbooks.document import PlaybookDocument
from tenancy.models import Organization
from tenancy.scope import scope
from testing.scenes import Scene


@pytest.fixture
def together(scene: Scene, starter: PlaybookDocument) -> Joint:
    return joint(scene, starter)


def program_of(user: User, organization: Organization, slug: str, scopes: Any = None) -> Caller:
    return Caller(token(user, organization, scopes)[1], slug)


def test_a_wave_is_led_and_answered_by_programs(together: Joint) -> None:
    world = together.scene.world
    hub, host = program_of(world.hub_manager, world.hub, "hub"), program_of(world.manager, world.host, "host")
    begun = hub.post("joint-programs", {"title": "Valley"}).json()
    assert hub.post("joint-programs", {"title": "Valley"}).json()["id"] == begun["id"]
    (wave,) = hub.get(f"joint-programs/{begun['id']}").json()["waves"]
    place = f"joint-waves/{wave['id']}"
    offered = hub.post(f"{place}/offer", {"deployments": [str(together.scene.deployment.pk)]}).json()["places"]
    assert [(one["site"], one["answer"], one["live"]) for one in offered] == [("Main Street", "offered", False)]
    assert_problem(hub.post(f"{place}/start"), 409, "refused")
    (asked,) = host.get("joint-offers?answer=offered").json()["results"]
    assert (asked["title"], asked["leader_id"], asked["holds"]) == ("Wave 1 of Valley", str(world.hub.pk), "")
    taken = host.post(f"joint-offers/{asked['id']}/accept").json()
    assert taken["answer"] == "accepted"
    assert "has not started" in taken["holds"]
    assert_problem(host.post(f"joint-offers/{asked['id']}/decline"), 409, "refused")
    rules = hub.post(f"{place}/rules", {"stable_days": 7, "canaries": [offered[0]["id"]]}).json()
    assert (rules["stable_days"], rules["places"][0]["canary"]) == (7, True)
    assert hub.post(f"{place}/start").json()["state"] == "canary"
    assert_problem(hub.post(f"{place}/expand"), 409, "refused")
    assert hub.post(f"{place}/halt", {"reason": "The trainer is ill"}).json()["halted_because"] == [
        "The trainer is ill"
    ]
    assert host.get("joint-offers").json()["results"][0]["why"] == ["The trainer is ill"]
    assert hub.post(f"{place}/resume").json()["state"] == "canary"
    assert_problem(host.post(f"joint-offers/{asked['id']}/leave", {"reason": " "}), 422, "invalid")
    assert host.post(f"joint-offers/{asked['id']}/leave", {"reason": "Alone"}).json()["answer"] == "left"
    with scope(world.hub.pk):
        assert JointPlace.objects.get(wave_id=wave["id"]).note == "Alone"


def test_a_place_is_taken_back_and_the_next_wave_added(together: Joint) -> None:
    world = together.scene.world
    hub = program_of(world.hub_manager, world.hub, "hub")
    assert_problem(hub.post(f"joint-programs/{together.program.pk}/waves"), 409, "refused")
    together.offer()
    assert hub.post(f"joint-programs/{together.program.pk}/waves").json()["number"] == 2
    with scope(world.hub.pk):
        place = JointPlace.objects.get(site="Main Street")
    assert hub.post(f"joint-places/{place.pk}/take-back").json()["answer"] == "withdrawn"
    with scope(world.host.pk):
        assert OwnPlace.objects.get().answer == "withdrawn"


def test_neither_side_reaches_the_other_s_and_reading_is_not_deciding(together: Joint) -> None:
    world = together.scene.world
    together.offer(accepted=False)
    with scope(world.host.pk):
        own = OwnPlace.objects.get()
    with scope(world.hub.pk):
        place = JointPlace.objects.get(site="Main Street")
        before = Event.objects.count()
    host, other = (
        program_of(world.manager, world.host, "host"),
        program_of(world.stranger, world.elsewhere, "elsewhere"),
    )
    reader = program_of(world.manager, world.host, "host", [Permission.DEPLOYMENT_READ])
    for caller, path in (
        (host, f"joint-programs/{together.program.pk}"), (host, f"joint-waves/{together.wave.pk}"),
        (other, f"joint-waves/{together.wave.pk}"),
    ):  # fmt: skip
        assert_problem(caller.get(path), 404, "not-found")
    assert_problem(other.post(f"joint-offers/{own.pk}/accept"), 404, "not-found")
    assert_problem(host.post(f"joint-places/{place.pk}/take-back"), 404, "not-found")
    assert_problem(host.post(f"joint-waves/{together.wave.pk}/halt", {"reason": "x"}), 404, "not-found")
    for path in ("joint-offers", "joint-programs"):
        assert_problem(reader.get(path), 403, "not-allowed")
    assert str(together.other.pk) not in host.get("joint-offers").content.decode()
    with scope(world.hub.pk):
        assert Event.objects.count() == before
        assert (JointProgram.objects.count(), JointWave.objects.get().state) == (1, "waiting")
