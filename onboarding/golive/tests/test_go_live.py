"""Going live, and back."""

import pytest

from audit.models import Event
from onboarding.deployments.models import Deployment, Item
from onboarding.golive.actions.go_live import GoLiveRefused, go_live, roll_back
from onboarding.golive.models import GatePass
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go, settle_stages, sponsor
from tenancy.scope import scope
from testing.scenes import Scene


def sign_go(scene: Scene) -> None:
    ready_for_go_no_go(scene)
    by = sponsor(scene)
    meeting(scene).decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))


def test_nobody_goes_live_without_a_signed_go_no_go(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        with pytest.raises(GoLiveRefused, match="G6 go/no-go is not signed"):
            go_live(scene.deployment, by=scene.manager)
        assert Deployment.objects.get().state == "onboarding"
        assert not Event.objects.filter(action="deployment.went_live").exists()


def test_go_live_is_recorded_once(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        go_live(scene.deployment, by=scene.manager)
        first = Deployment.objects.get().went_live_at
        go_live(scene.deployment, by=scene.manager)
        assert Deployment.objects.get().went_live_at == first
        assert Event.objects.filter(action="deployment.went_live").count() == 1


def test_after_a_rollback_the_go_no_go_is_held_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        go_live(scene.deployment, by=scene.manager)
        settle_stages(scene, 7)
        Item.objects.filter(stage=7).first().reopen(by=scene.manager, reason="look")
        roll_back(scene.deployment, by=scene.manager, reason="Crisis alert not delivered.")
        deployment = Deployment.objects.get()
        assert deployment.state == "rolled_back"
        assert not GatePass.objects.in_force().filter(gate__in=["G6", "G7"]).exists()
        assert scene.item("g6-go-no-go").state == Item.State.IN_PROGRESS
        with pytest.raises(GoLiveRefused):
            go_live(deployment, by=scene.manager)


def test_a_rollback_needs_its_reason(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        sign_go(scene)
        go_live(scene.deployment, by=scene.manager)
        with pytest.raises(ValueError, match="needs its reason"):
            roll_back(scene.deployment, by=scene.manager, reason=" ")
        assert Deployment.objects.get().state == "live"
