"""A checklist, a team and the gates as the history tells them for a moment are what they were at that moment."""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.as_of import began, rows_at
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

ClientOf = Callable[[User], Client]
Rows = dict[Any, dict[str, Any]]
MODELS = (Item, TeamRole, Deployment)
STEPS: list[Callable[[Item, Scene, random.Random], None]] = [
    lambda item, scene, chance: item.start(by=scene.manager),
    lambda item, scene, chance: item.block(by=scene.manager, reason="The window is next week."),
    lambda item, scene, chance: item.unblock(by=scene.manager),
    lambda item, scene, chance: item.assign(
        chance.choice([None, scene.world.contributor, scene.world.manager]), by=scene.manager
    ),
    lambda item, scene, chance: item.mark_not_applicable(by=scene.manager, reason="There is no such feed here."),
    lambda item, scene, chance: item.reopen(by=scene.manager, reason="It came after all."),
    lambda item, scene, chance: TeamRole.objects.get(deployment=scene.deployment, code="INT").fill(
        chance.choice([scene.world.contributor, scene.world.manager]), deputy=None, by=scene.manager
    ),
    lambda item, scene, chance: TeamRole.objects.get(deployment=scene.deployment, code="INT").vacate(by=scene.manager),
]


def now(scene: Scene) -> tuple[datetime, list[Rows]]:
    """The moment, and every row as the tables hold it."""
    found: list[Rows] = []
    with scope(scene.world.host.pk), connection.cursor() as cursor:
        for model in MODELS:
            column = "id" if model is Deployment else "deployment_id"
            cursor.execute(
                f'select id, to_jsonb(t) from "{model._meta.db_table}" t where {column} = %s',  # noqa: S608
                [scene.deployment.pk],
            )
            found.append(dict(cursor.fetchall()))
        cursor.execute("select clock_timestamp()")
        (at,) = cursor.fetchone()
    return at, found


def test_every_moment_is_told_as_it_was(scene: Scene) -> None:
    chance, moments = random.Random("causeway"), [now(scene)]
    with scope(scene.world.host.pk):
        keys = list(Item.objects.of_deployment(scene.deployment.pk).values_list("key", flat=True))
    done = 0
    for _ in range(60):
        try:
            with scope(scene.world.host.pk):
                chance.choice(STEPS)(scene.item(chance.choice(keys[:6])), scene, chance)
            done += 1
        except (ItemRefused, ValueError):
            pass
        moments.append(now(scene))
    assert done > 15

    with scope(scene.world.host.pk):
        for at, stood in moments:
            for model, rows in zip(MODELS, stood, strict=True):
                assert rows_at(model, list(rows), at) == {pk: plain(row) for pk, row in rows.items()}


def plain(row: Any) -> dict[str, Any]:
    """The row as the driver gives it: parsed, or text."""
    return json.loads(row) if isinstance(row, str) else row


def test_before_it_was_planned_nothing_stood(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        ids = list(Item.objects.of_deployment(scene.deployment.pk).values_list("pk", flat=True))
        start = began(Item, ids)
        assert start is not None
        assert rows_at(Item, ids, start - timedelta(seconds=1)) == {}
        assert len(rows_at(Item, ids, start)) == len(ids)


def test_the_history_of_another_organization_is_not_told(scene: Scene) -> None:
    with scope(scene.world.elsewhere.pk):
        assert rows_at(Deployment, [scene.deployment.pk], timezone.now()) == {}
        assert began(Deployment, [scene.deployment.pk]) is None


def test_the_page_shows_the_checklist_of_a_moment_and_gives_it_as_a_file(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        item.assign(scene.world.contributor, by=scene.manager)
    client = client_of(scene.world.manager)
    place = f"/o/{scene.world.host.slug}/deployments/{scene.deployment.pk}/history/as-of/"
    later = (timezone.localtime() + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")

    page = client.get(place, {"at": later}).content.decode()
    file = b"".join(client.get(place, {"at": later, "as": "csv"})).decode()

    assert str(scene.world.contributor) in page
    assert f"{item.number},{item.title},To do,{item.owner},{scene.world.contributor}," in file
    before = client.get(place, {"at": "2001-01-01T00:00"}).content.decode()
    assert "It was not there yet" in before
    assert item.title not in before
    assert client.get(place, {"at": "yesterday"}).status_code == 422
    assert client_of(scene.world.learner).get(place).status_code == 403


def test_a_partner_has_no_history_here(scene: Scene, client_of: ClientOf) -> None:
    scene.share()
    place = f"/o/{scene.world.host.slug}/deployments/{scene.deployment.pk}/history/as-of/"
    assert client_of(scene.world.vendor_manager).get(place).status_code == 403
