"""Deployments and items through the API: the same verbs, the same refusals as on the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.permissions import Permission
from accounts.models import User
from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from onboarding.deployments.models import Comment, Deployment, Item, ItemDependency
from tenancy.scope import scope
from testing.scenes import GO_LIVE, Scene


@pytest.fixture
def program(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


def free_item(scene: Scene) -> Item:
    """An item that waits for nothing and asks for no evidence."""
    with scope(scene.world.host.pk):
        waiting = ItemDependency.objects.values("item_id")
        items = Item.objects.filter(deployment=scene.deployment, state="todo", completed_by_gate=False)
        item = items.exclude(pk__in=waiting).order_by("number")[0]
        Item.objects.filter(pk=item.pk).update(evidence_wanted=[])
        return Item.objects.get(pk=item.pk)


def at(scene: Scene, item: Item | None = None, rest: str = "") -> str:
    place = f"deployments/{scene.deployment.pk}"
    return f"{place}/items/{item.pk}{rest}" if item else f"{place}{rest}"


def events(scene: Scene, action: str) -> int:
    with scope(scene.world.host.pk):
        return Event.objects.filter(action=action).count()


def test_a_manager_accepts_and_a_contributor_sends_to_review(scene: Scene, program: Caller) -> None:
    item = free_item(scene)
    worker = caller(scene.world, scene.world.contributor)
    assert worker.post(at(scene, item, "/complete")).json()["state"] == "in_review"
    answer = program.post(at(scene, item, "/complete"))
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    with scope(scene.world.host.pk):
        done = Event.objects.get(action="item.completed")
        assert (done.actor_kind, done.actor_id) == ("token", scene.world.manager.pk)


def test_completing_twice_happens_once(scene: Scene, program: Caller) -> None:
    item = free_item(scene)
    for _ in range(2):
        assert program.post(at(scene, item, "/complete")).json()["state"] == "accepted"
    assert events(scene, "item.completed") == 1


def test_block_unblock_and_reopen(scene: Scene, program: Caller) -> None:
    item = free_item(scene)
    assert_problem(program.post(at(scene, item, "/block"), {}), 422, "invalid")
    wrong = program.post(at(scene, item, "/block"), {"reason": "No interface engine", "waits_for": "XXX"})
    assert assert_problem(wrong, 422, "invalid")["errors"][0]["pointer"] == "/waits_for"
    blocked = program.post(at(scene, item, "/block"), {"reason": "No interface engine"}).json()
    assert (blocked["state"], blocked["note"]) == ("blocked", "No interface engine")
    refused = assert_problem(program.post(at(scene, item, "/complete")), 409, "refused")
    assert "clear the block first" in refused["detail"]
    assert program.post(at(scene, item, "/unblock")).json()["state"] == "in_progress"
    assert program.post(at(scene, item, "/complete")).json()["state"] == "accepted"
    assert program.post(at(scene, item, "/reopen"), {"reason": "Again"}).json()["state"] == "in_progress"
    assert_problem(program.post(at(scene, item, "/reopen"), {"reason": ""}), 422, "invalid")
    assert_problem(program.post(at(scene, item, "/start"), {"by": "me"}), 422, "invalid")


def test_an_item_that_waits_is_refused_in_words_and_stays(scene: Scene, program: Caller) -> None:
    with scope(scene.world.host.pk):
        item = next(one for one in Item.objects.filter(deployment=scene.deployment) if one.predecessors().exists())
        before = item.version
    assert_problem(program.post(at(scene, item, "/complete")), 409, "refused")
    with scope(scene.world.host.pk):
        item.refresh_from_db()
        assert (item.state, item.version) == ("todo", before)


def test_a_scope_to_read_does_not_work(scene: Scene) -> None:
    reader = caller(scene.world, scene.world.manager, [Permission.ITEM_READ, Permission.DEPLOYMENT_READ])
    item = free_item(scene)
    for verb, body in (
        ("complete", {}),
        ("block", {"reason": "x"}),
        ("reopen", {"reason": "x"}),
        ("comments", {"body": "x"}),
    ):
        assert_problem(reader.post(at(scene, item, f"/{verb}"), body), 403, "not-allowed")
    with scope(scene.world.host.pk):
        assert not Comment.objects.exists()
        assert Item.objects.get(pk=item.pk).state == "todo"


def test_comments_are_written_and_read_internal_ones_by_permission(scene: Scene, program: Caller) -> None:
    item = free_item(scene)
    made = program.post(at(scene, item, "/comments"), {"body": "@Analyst Host please", "internal": True})
    assert made.status_code == 201
    assert made.json()["author"]["name"] == "Manager Host"
    with scope(scene.world.host.pk):
        assert Comment.objects.get().mentions == [scene.world.contributor.pk]
    blind = caller(scene.world, scene.world.manager, [Permission.ITEM_READ, Permission.ITEM_WORK])
    assert blind.get(at(scene, item, "/comments")).json()["results"] == []
    assert_problem(blind.post(at(scene, item, "/comments"), {"body": "x", "internal": True}), 403, "not-allowed")
    assert len(program.get(at(scene, item, "/comments")).json()["results"]) == 1


def test_an_entity_tag_saves_the_body_until_something_changes(scene: Scene, program: Caller) -> None:
    item = free_item(scene)
    for place in (at(scene, item), at(scene)):
        first = program.get(place)
        same = program.get(place, **{"If-None-Match": first["ETag"]})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    tags = [program.get(place)["ETag"] for place in (at(scene, item), at(scene))]
    program.post(at(scene, item, "/start"))
    for place, tag in zip((at(scene, item), at(scene)), tags, strict=True):
        assert program.get(place, **{"If-None-Match": tag}).status_code == 200


def test_go_live_is_tried_then_moved(scene: Scene, program: Caller) -> None:
    place = at(scene, rest="/move-go-live")
    tried = program.get(f"{place}?go_live_on=2027-03-16").json()
    assert len(tried["shifts"]) > 60
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == GO_LIVE
    moved = program.post(place, {"go_live_on": "2027-03-16", "reason": "The interface is late"}, Idempotency_Key="m1")
    assert moved.json() == tried
    assert program.get(at(scene)).json()["go_live_on"] == "2027-03-16"
    assert program.get(at(scene)).json()["baseline_go_live_on"] == GO_LIVE.isoformat()
    assert_problem(program.get(place), 400, "bad-request", parameter="go_live_on")
    assert_problem(program.get(f"{place}?go_live_on=soon"), 400, "bad-request", parameter="go_live_on")
    worker = caller(scene.world, scene.world.contributor)
    assert_problem(worker.post(place, {"go_live_on": "2027-04-06", "reason": "x"}), 403, "not-allowed")
    assert program.get(at(scene)).json()["go_live_on"] == "2027-03-16"


def test_gates_say_why(scene: Scene, program: Caller) -> None:
    gates: list[dict[str, Any]] = program.get(at(scene, rest="/gates")).json()["results"]
    assert [gate["key"] for gate in gates] == [f"G{number}" for number in range(11)]
    open_gate = next(gate for gate in gates if not gate["holds"])
    assert open_gate["state"] == "open"
    assert all(one["says"] for one in open_gate["criteria"])
    assert program.get(at(scene, rest="/gates/G6")).json() == gates[6]
    assert_problem(program.get(at(scene, rest="/gates/G99")), 404, "not-found")


def test_a_partner_may_send_its_write_again_too(scene: Scene, client_of: Callable[[User], Client]) -> None:
    scene.share()
    hub = client_of(scene.world.hub_manager)
    address = f"/o/host/api/v1/{at(scene, free_item(scene), '/comments')}"
    answers = [
        hub.post(address, {"body": "Seen"}, content_type="application/json", headers={"Idempotency-Key": "1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].content
    assert answers[0].content == answers[1].content
    with scope(scene.world.host.pk):
        assert Comment.objects.count() == 1
