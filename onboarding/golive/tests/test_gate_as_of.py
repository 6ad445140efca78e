"""A gate as of a moment is the gate as it was computed at that moment, whatever happened since."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from facts.kinds import find
from facts.models import state
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.golive.as_of import gate_at
from onboarding.golive.gates import recompute, standings
from onboarding.golive.models import Waiver
from onboarding.golive.models.waiver import WaiverRefused
from onboarding.golive.tests.readiness import fill_team
from onboarding.golive.tests.test_go_live import sign_go
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

ClientOf = Callable[[User], Client]
ZONE = ZoneInfo("America/New_York")
"""Of the host: whose clock the page reads."""
Told = dict[str, tuple[str, bool | None, list[str]]]
STEPS: list[Callable[[Item, Scene, random.Random], object]] = [
    lambda item, scene, chance: scene.settle(item.key) or recompute(scene.deployment.pk, scene.manager),
    lambda item, scene, chance: item.mark_not_applicable(by=scene.manager, reason="There is no such feed here."),
    lambda item, scene, chance: item.reopen(by=scene.manager, reason="It came after all."),
    lambda item, scene, chance: Waiver.ask(
        item, reason="Next release.", compensating_control="By hand.", by=scene.manager,
        expires_on=timezone.localdate() + timedelta(days=30),
    ).grant(by=scene.by(scene.world.approver)),
    lambda item, scene, chance: fill_team(scene),
    lambda item, scene, chance: TeamRole.objects.get(deployment=scene.deployment, code="INT").vacate(by=scene.manager),
    lambda item, scene, chance: state(
        find("training.coverage"), chance.choice([0.5, 0.97]), subject=scene.deployment, deployment_id=scene.deployment.pk
    ),
]  # fmt: skip


def moment() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


def now(scene: Scene) -> tuple[datetime, Told]:
    with scope(scene.world.host.pk):
        found = standings(Deployment.objects.for_page().get(pk=scene.deployment.pk))
        told = {one.key: (one.state, one.outcome.holds, [each.says for each in one.outcome.leaves()]) for one in found}
    return moment(), told


def test_every_moment_of_every_gate_is_computed_again(scene: Scene) -> None:
    chance, moments = random.Random("gates"), [now(scene)]
    with scope(scene.world.host.pk):
        items = Item.objects.of_deployment(scene.deployment.pk).filter(completed_by_gate=False, stage__lte=2)
        keys = list(items.values_list("key", flat=True))
    for step in range(40):
        try:
            with scope(scene.world.host.pk):
                key = keys[step % len(keys)] if step % 2 else chance.choice(keys)
                chance.choice(STEPS)(scene.item(key), scene, chance)
        except (ItemRefused, WaiverRefused, ValueError):
            pass
        moments.append(now(scene))
    with scope(scene.world.host.pk):
        sign_go(scene)
    moments.append(now(scene))
    assert len({str(told) for _, told in moments}) > 8
    with scope(scene.world.host.pk):
        for at, told in moments:
            for key, (state_then, holds, says) in told.items():
                stood = gate_at(scene.deployment, key, at)
                assert stood is not None
                assert (stood.state, stood.outcome.holds) == (state_then, holds), (key, at)
                assert [one.says for one in stood.outcome.leaves()] == says


def test_the_page_tells_the_gate_of_a_moment(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    place = f"/o/host/deployments/{scene.deployment.pk}/gates/G6/as-of/"
    with scope(scene.world.host.pk):
        before = timezone.now().astimezone(ZONE)
        sign_go(scene)
    client = client_of(scene.world.manager)
    later = (timezone.now().astimezone(ZONE) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    after = client.get(place, {"at": later}).content.decode()
    assert "by its record" in after
    then = client.get(place, {"at": (before - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")}).content.decode()
    assert "by its record" not in then
    assert "It was not there yet" in client.get(place, {"at": "2001-01-01T00:00"}).content.decode()
    assert client.get(place, {"at": "x\x00"}).status_code == 422
    assert client_of(scene.world.vendor_manager).get(place).status_code == 403
    assert client_of(scene.world.learner).get(place).status_code == 403
