"""The inbox: what waits for one person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from onboarding.deployments.models import Item, TeamRole
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def midday() -> Iterator[None]:
    """An hour at which it is the same day in UTC and in the zones of all the people here."""
    with time_machine.travel(datetime(2026, 11, 16, 17, tzinfo=UTC)):
        yield


def inbox(client: Client, query: str = "") -> str:
    return client.get(f"/o/host/inbox/{query}").content.decode()


def due(scene: Scene, number: int, days: int) -> Item:
    item = Item.objects.get(deployment=scene.deployment, number=number)
    item.move_due(timezone.localdate() + timedelta(days=days), by=scene.manager)
    return item


def test_an_empty_inbox_says_so(scene: Scene, client_of: ClientOf) -> None:
    assert "Nothing waits for you" in inbox(client_of(scene.world.contributor))


def test_items_of_the_role_and_assigned_ones_stand_under_their_day(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    with scope(scene.world.host.pk):
        owner = Item.objects.get(deployment=scene.deployment, number=1).owner
        TeamRole.objects.get(deployment=scene.deployment, code=owner).fill(scene.world.contributor, by=scene.manager)
        Item.objects.filter(deployment=scene.deployment).exclude(number=1).update(
            due_on=timezone.localdate() + timedelta(days=60)
        )
        due(scene, 1, -3)
    text = inbox(client)
    assert "3 days late" in text
    assert "1 overdue" in text
    assert '<span class="sr">, </span>1</span>' in text
    with scope(scene.world.host.pk):
        scene.item("interest-recorded").assign(scene.world.manager, by=scene.manager)
    assert "Nothing waits for you" in inbox(client)
    assert "3 days late" in inbox(client_of(scene.world.manager))


def test_the_blocked_reads_whom_it_waits_for_and_the_blocker_that_others_wait(
    scene: Scene, client_of: ClientOf
) -> None:
    with scope(scene.world.host.pk):
        Item.objects.filter(deployment=scene.deployment).update(due_on=timezone.localdate() + timedelta(days=60))
        item = Item.objects.get(deployment=scene.deployment, number=1)
        item.assign(scene.world.contributor, by=scene.manager)
        TeamRole.objects.get(deployment=scene.deployment, code="SEC").fill(scene.world.approver, by=scene.manager)
        item.block(by=scene.manager, reason="Change 4417 waits.", waits_for="SEC")
    blocked = inbox(client_of(scene.world.contributor))
    assert "Blocked by others" in blocked
    assert "Change 4417 waits." in blocked
    assert "Waiting for you" in inbox(client_of(scene.world.approver))


def test_reviewers_see_what_wants_their_acceptance(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        Item.objects.filter(deployment=scene.deployment, number=1).update(state=Item.State.IN_REVIEW)
    assert "Approvals wanted" in inbox(client_of(scene.world.approver))
    assert "Approvals wanted" not in inbox(client_of(scene.world.contributor))


def test_who_plans_sees_everyones(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        due(scene, 1, -3)
    assert "3 days late" in inbox(client_of(scene.world.manager), "?who=everyone")
    assert "3 days late" not in inbox(client_of(scene.world.contributor), "?who=everyone")


def test_a_funder_has_no_inbox_at_the_host(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    assert client_of(scene.world.funder_manager).get("/o/host/inbox/").status_code == 403


def test_the_inbox_is_filtered_grouped_and_kept_as_a_view(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        for item in (scene.item("interest-recorded"), scene.item("sponsor-named")):
            item.assign(scene.world.manager, by=scene.manager)
            item.move_due(timezone.localdate() - timedelta(days=2), by=scene.manager)
    client = client_of(scene.world.manager)
    text = client.get("/o/host/inbox/?q=sponsor").content.decode()
    assert "Executive sponsor named" in text
    assert "Interest recorded" not in text
    assert "Nothing matches" in client.get("/o/host/inbox/?q=zebrafish").content.decode()
    text = client.get("/o/host/inbox/?group=place").content.decode()
    assert ">Stillwater CBT at Main Street</h2>" in text
    data = {"page": "inbox", "title": "By clinic", "query": "group=place", "next": "/o/host/inbox/"}
    saved = client.post("/o/host/views/", data)
    assert 'aria-current="page">By clinic' in client.get(saved["Location"]).content.decode()
