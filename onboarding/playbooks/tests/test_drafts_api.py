"""Drafts over the API: written whole, checked, compared, published by another token; an own playbook brought up to date."""

import json
from dataclasses import replace
from typing import Any

import pytest

from access.permissions import Permission
from api.tests.callers import Caller, assert_problem, caller
from audit.models import Event
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import DraftItem, PlaybookDraft, PlaybookVersion
from onboarding.upgrades.tests.later_version import later
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


@pytest.fixture
def publisher(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.owner)


@pytest.fixture
def draft(scene: Scene, author: Caller) -> dict[str, Any]:
    answer = author.post("playbook-drafts", {"playbook_version": str(scene.program.playbook_version_id)})
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


def events(scene: Scene) -> int:
    with scope(scene.world.host.pk):
        return Event.objects.filter(action__startswith="playbook").count()


def document(author: Caller, draft: dict[str, Any]) -> dict[str, Any]:
    return author.get(f"playbook-drafts/{draft['id']}/document").json()["document"]  # type: ignore[no-any-return]


def test_a_draft_is_written_checked_and_published_by_another_token(
    scene: Scene, author: Caller, publisher: Caller, draft: dict[str, Any]
) -> None:
    whole = document(author, draft) | {"version": "1.1"}
    first = whole["items"][0]
    first["depends_on"] = [whole["items"][1]["key"]]
    assert whole["items"][1]["depends_on"] == [first["key"]]
    place = f"playbook-drafts/{draft['id']}"
    assert author.post(f"{place}/document", {"document": whole}).json()["version"] == "1.1"
    shown = author.get(place).json()
    assert any(f"{first['key']} → " in one["message"] for one in shown["problems"])
    assert [one["key"] for one in shown["changes"]] == [first["key"]]

    assert_problem(author.post(f"{place}/publish"), 403, "not-allowed")
    refused = assert_problem(publisher.post(f"{place}/publish"), 409, "refused")
    assert "circle" in refused["detail"]
    del first["depends_on"]
    author.post(f"{place}/document", {"document": whole})
    answer = publisher.post(f"{place}/publish")
    assert (answer.status_code, answer.json()["version"]) == (200, "1.1")
    before = events(scene)
    assert publisher.post(f"{place}/publish").json()["id"] == answer.json()["id"]
    assert events(scene) == before
    assert_problem(author.post(f"{place}/document", {"document": {**whole, "title": "Other"}}), 409, "refused")


def test_a_repeated_request_with_its_key_starts_one_draft(scene: Scene, author: Caller) -> None:
    body = {"playbook_version": str(scene.program.playbook_version_id)}
    once, twice = (author.post("playbook-drafts", body, Idempotency_Key="draft-1").json() for _ in range(2))
    assert once == twice
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 422, "invalid"),
        ({"document": [1]}, 422, "invalid"),
        ({"document": {"items": [{"key": "one"}]}}, 409, "refused"),
        ({"document": {}, "onto": "0197d1f2-0000-7000-8000-000000000000"}, 422, "invalid"),
        ({"playbook_version": "0197d1f2-0000-7000-8000-000000000000"}, 404, "not-found"),
    ],
)
def test_what_is_no_playbook_is_refused_and_nothing_is_kept(
    scene: Scene, author: Caller, body: dict[str, Any], status: int, kind: str
) -> None:
    before = events(scene)
    assert_problem(author.post("playbook-drafts", body), status, kind)
    with scope(scene.world.host.pk):
        assert not PlaybookDraft.objects.exists()
    assert events(scene) == before


def test_a_token_without_the_scope_reads_and_does_not_write(scene: Scene, draft: dict[str, Any]) -> None:
    reader = caller(scene.world, scene.world.manager, {Permission.PLAYBOOK_READ})
    assert reader.get(f"playbook-drafts/{draft['id']}").status_code == 200
    for path, body in (
        ("", {"document": {}}),
        (f"/{draft['id']}/document", {"document": {}}),
        (f"/{draft['id']}/publish", {}),
    ):
        assert_problem(reader.post(f"playbook-drafts{path}", body), 403, "not-allowed")
    stranger = caller(scene.world, scene.world.manager, {Permission.SITE_READ})
    assert_problem(stranger.get("playbook-drafts"), 403, "not-allowed")


def test_an_own_playbook_is_compared_and_brought_up_to_date(
    scene: Scene, author: Caller, starter: PlaybookDocument
) -> None:
    with scope(scene.world.host.pk):
        base = scene.program.playbook_version
        mine = replace(later(starter, "1.0", risk_register={"title": "Our risks"}), key="own-way", title="Own way")
        own = PlaybookVersion.publish(mine, by=scene.manager, source="organization", parent=base)
        shipped = later(starter, risk_register={"title": "Risks, dated"}, tabletop={"title": "Tabletop"})
        onto = PlaybookVersion.adopt(shipped, by=scene.manager, source="library")
    (shown,) = author.get(f"playbooks/{own.playbook_id}/versions/{own.pk}/up-to-date").json()
    assert (shown["rests_on_id"], shown["onto_id"]) == (str(base.pk), str(onto.pk))
    (conflict,) = shown["conflicts"]
    assert (conflict["name"], conflict["ours"], conflict["theirs"]) == (
        "Item|risk-register|title",
        "Our risks",
        "Risks, dated",
    )
    assert [(one["key"], one["change"]) for one in shown["changes"]] == [("tabletop", "added")]

    body = {"playbook_version": str(own.pk), "onto": str(onto.pk)}
    refused = assert_problem(author.post("playbook-drafts", body), 409, "refused")
    assert "Item|risk-register|title" in refused["detail"]
    with scope(scene.world.host.pk):
        assert not PlaybookDraft.objects.exists()
    made = author.post("playbook-drafts", body | {"undecided": "theirs"}).json()
    assert (made["base_id"], made["onto_id"], made["version"]) == (str(own.pk), str(onto.pk), "1.1")
    kept = author.post("playbook-drafts", body | {"decisions": {"Item|risk-register|title": "ours"}}).json()
    with scope(scene.world.host.pk):
        titles = {str(one.draft_id): one.data["title"] for one in DraftItem.objects.filter(key="risk-register")}
    assert titles == {made["id"]: "Risks, dated", kept["id"]: "Our risks"}
    strange = {"playbook_version": str(own.pk), "onto": str(base.pk)}
    assert_problem(author.post("playbook-drafts", strange), 409, "refused")
    assert json.loads(author.get(f"playbooks/{base.playbook_id}/versions/{base.pk}/up-to-date").content) == []
