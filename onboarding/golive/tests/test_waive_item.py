"""Waivers: asked by one person, granted by another, for a time."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from onboarding.deployments.models import Item
from onboarding.golive.models import Waiver
from onboarding.golive.models.waiver import WaiverRefused
from tenancy.scope import scope
from testing.scenes import Scene


def ask(scene: Scene, item: Item) -> Waiver:
    return Waiver.ask(
        item,
        reason="The feed comes in March.",
        compensating_control="Daily list by hand.",
        expires_on=timezone.localdate() + timedelta(days=30),
        by=scene.manager,
    )


def test_a_second_person_grants_it(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        waiver = ask(scene, Item.objects.get(number=55))
        with pytest.raises(WaiverRefused, match="second person"):
            waiver.grant(by=scene.manager)
        assert Item.objects.get(number=55).state == "todo"
        waiver.grant(by=scene.by(scene.world.approver))
        assert Item.objects.get(number=55).state == "waived"


def test_a_blocking_item_cannot_be_waived(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        with pytest.raises(WaiverRefused, match="only a conditional item"):
            ask(scene, Item.objects.get(number=58))
        assert not Waiver.objects.exists()


def test_when_it_lapses_the_item_is_open_again(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        waiver = ask(scene, Item.objects.get(number=55))
        waiver.grant(by=scene.by(scene.world.approver))
        waiver.lapse(by=scene.manager)
        assert Item.objects.get(number=55).state == "waived"
        with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
            waiver.lapse(by=scene.manager)
        assert Item.objects.get(number=55).state == "in_progress"
        assert Waiver.objects.get().state == "lapsed"
