"""What the inbox asks of a person at gates."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import User
from onboarding.deployments.models import Item
from onboarding.golive.models import GateReview, Waiver
from onboarding.golive.tests.readiness import fill_team
from tenancy.scope import scope
from testing.scenes import Scene

SignIn = Callable[[User], Client]


def inbox(client_of: SignIn, user: User) -> str:
    return client_of(user).get("/o/host/inbox/").content.decode()


def test_votes_signatures_and_waivers_wait_for_those_who_may_give_them(scene: Scene, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        fill_team(scene)
        GateReview.convene(scene.deployment, "G1", by=scene.manager)
        Waiver.ask(
            Item.objects.get(number=55),
            reason="The feed comes in March.",
            compensating_control="Daily list by hand.",
            expires_on=timezone.localdate() + timedelta(days=30),
            by=scene.manager,
        )
    sponsor, manager = inbox(client_of, scene.world.approver), inbox(client_of, scene.world.manager)
    assert "Decide and sign G1" in sponsor
    assert "Answer the waiver of #55" in sponsor
    assert "Vote on G1" not in sponsor
    assert "Vote on G1" in manager
    assert "Decide and sign G1" not in manager
    assert "Answer the waiver" not in manager
