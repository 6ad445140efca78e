"""Working on items through the pages: every verb an address, a refusal changes nothing."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import Comment, Evidence, Item
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


def to(scene: Scene, item: object, verb: str = "") -> str:
    return f"/o/host/deployments/{scene.deployment.pk}/items/{item}/{verb}"


def state(scene: Scene, key: str = "interest-recorded") -> str:
    with scope(scene.world.host.pk):
        return str(scene.item(key).state)


def give(
    client: Client, scene: Scene, number: int = 1, name: str = "note.txt", body: bytes = b"what was found", **more: str
) -> object:
    with scope(scene.world.host.pk):
        wanted = Item.objects.get(deployment=scene.deployment, number=number).required_evidence
    data = {"file": SimpleUploadedFile(name, body), "wanted_key": wanted[0]["key"] if wanted else "", **more}
    return client.post(to(scene, number, "evidence"), data)


def test_the_panel_shows_facts_guidance_and_what_may_be_done(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        days = -Item.objects.get(deployment=scene.deployment, number=61).offset_days
    text = client_of(scene.world.manager).get(to(scene, 61)).content.decode()
    assert f"go-live − {days} days" in text
    assert "Holds up" in text
    assert "Waits for #" in text
    assert "Not needed…" in text


def test_an_item_is_found_by_its_id_too(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
    assert client_of(scene.world.manager).get(to(scene, item.pk)).status_code == 200
    assert client_of(scene.world.manager).get(to(scene, "nothing")).status_code == 404


def test_from_start_to_acceptance(scene: Scene, client_of: ClientOf) -> None:
    worker, reviewer = client_of(scene.world.contributor), client_of(scene.world.manager)
    assert worker.post(to(scene, 1, "start")).status_code == 302
    assert state(scene) == "in_progress"
    give(worker, scene)
    worker.post(to(scene, 1, "complete"))
    assert state(scene) == "in_review"
    reviewer.post(to(scene, 1, "return"), {"reason": "The date is missing."})
    assert state(scene) == "in_progress"
    reviewer.post(to(scene, 1, "accept"))
    assert state(scene) == "accepted"
    reviewer.post(to(scene, 1, "reopen"), {"reason": "The sponsor changed."})
    assert state(scene) == "in_progress"


def test_a_refusal_says_why_and_changes_nothing(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    with scope(scene.world.host.pk):
        events = Event.objects.count()
    answer = client.post(to(scene, 1, "accept"))
    assert answer.status_code == 422
    assert "needs evidence" in answer.content.decode()
    without_reason = client.post(to(scene, 1, "block"), {"reason": " "})
    assert without_reason.status_code == 422
    assert "Say what blocks the item" in without_reason.content.decode()
    with scope(scene.world.host.pk):
        assert Event.objects.count() == events
    assert state(scene) == "todo"


def test_a_contributor_cannot_accept_or_leave_an_item_out(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    for verb in ("accept", "return", "reopen", "not-needed"):
        assert client.post(to(scene, 1, verb), {"reason": "x"}).status_code == 403
    assert state(scene) == "todo"


def test_block_names_the_role_and_unblock_clears_it(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.contributor)
    client.post(to(scene, 1, "block"), {"reason": "Change 4417 waits.", "waits_for": "SEC"})
    assert state(scene) == "blocked"
    assert "Waits for Security officer" in client.get(to(scene, 1)).content.decode()
    client.post(to(scene, 1, "unblock"))
    assert state(scene) == "in_progress"
    assert client.post(to(scene, 1, "block"), {"reason": "x", "waits_for": "ZZZ"}).status_code == 422
    assert state(scene) == "in_progress"


def test_only_people_of_the_organization_or_the_team_are_assigned(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    client.post(to(scene, 1, "assign"), {"person": str(scene.world.contributor.pk)})
    with scope(scene.world.host.pk):
        assert scene.item("interest-recorded").assignee_id == scene.world.contributor.pk
    assert client.post(to(scene, 1, "assign"), {"person": str(scene.world.stranger.pk)}).status_code == 422
    with scope(scene.world.host.pk):
        assert scene.item("interest-recorded").assignee_id == scene.world.contributor.pk


def test_a_newer_file_is_a_new_version_and_both_are_served_as_attachments(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    give(client, scene, body=b"first")
    give(client, scene, body=b"second")
    with scope(scene.world.host.pk):
        paper = Evidence.objects.get()
        assert paper.versions_count == 2
    for number, body in ((1, b"first"), (2, b"second")):
        answer = client.get(f"/o/host/deployments/{scene.deployment.pk}/evidence/{paper.pk}/{number}")
        assert b"".join(answer.streaming_content) == body
        assert answer["Content-Disposition"] == 'attachment; filename="note.txt"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    with scope(scene.world.host.pk):
        opened = Event.objects.filter(action="evidence.opened").order_by("id")
        assert [event.data["version"] for event in opened] == [1, 2]
        assert {event.actor_id for event in opened} == {scene.world.manager.pk}


def test_a_file_of_a_kind_not_allowed_is_refused(scene: Scene, client_of: ClientOf) -> None:
    answer = give(client_of(scene.world.manager), scene, name="run.exe", body=b"MZ\x00\x01")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    with scope(scene.world.host.pk):
        assert not Evidence.objects.exists()


def test_evidence_is_accepted_or_returned_by_a_reviewer(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    give(client, scene)
    with scope(scene.world.host.pk):
        paper = Evidence.objects.get()
    place = f"/o/host/deployments/{scene.deployment.pk}/evidence/{paper.pk}"
    assert client.post(f"{place}/return", {"reason": ""}).status_code == 422
    assert client_of(scene.world.contributor).post(f"{place}/accept").status_code == 403
    client.post(f"{place}/return", {"reason": "No signature."})
    with scope(scene.world.host.pk):
        assert (Evidence.objects.get().state, Evidence.objects.get().note) == ("returned", "No signature.")
    client.post(f"{place}/accept")
    with scope(scene.world.host.pk):
        assert Evidence.objects.get().state == "accepted"


def test_a_mention_reaches_only_those_who_can_see_the_deployment(scene: Scene, client_of: ClientOf) -> None:
    client = client_of(scene.world.manager)
    body = "@Analyst Host and @Owner Elsewhere and @Manager Vendor, see the log."
    client.post(to(scene, 1, "comments"), {"body": body})
    with scope(scene.world.host.pk):
        assert Comment.objects.get().mentions == [scene.world.contributor.pk]
    scene.share()
    client.post(to(scene, 1, "comments"), {"body": body})
    client.post(to(scene, 1, "comments"), {"body": body, "internal": "on"})
    with scope(scene.world.host.pk):
        _, shared, internal = Comment.objects.order_by("at")
        assert set(shared.mentions) == {scene.world.contributor.pk, scene.world.vendor_manager.pk}
        assert internal.mentions == [scene.world.contributor.pk]


def test_under_htmx_a_verb_answers_panel_list_and_head(scene: Scene, client_of: ClientOf) -> None:
    text = client_of(scene.world.manager).post(to(scene, 1, "start"), headers={"HX-Request": "true"}).content.decode()
    assert 'id="item"' in text
    assert 'id="list"' in text
    assert 'id="head" hx-swap-oob="true"' in text
    assert "#1 in progress" in text
    assert "<html" not in text


@pytest.mark.parametrize("verb", ["start", "complete", "block", "evidence", "comments", "assign"])
def test_the_auditor_reads_and_changes_nothing(scene: Scene, client_of: ClientOf, verb: str) -> None:
    client = client_of(scene.world.auditor)
    assert client.get(to(scene, 1)).status_code == 200
    assert client.post(to(scene, 1, verb), {"reason": "x", "body": "x"}).status_code == 403
    assert state(scene) == "todo"


@pytest.mark.parametrize(
    ("became", "then"),
    [
        ("accepted", "reopen it, saying why"),
        ("waived", "reopen it, saying why"),
        ("not_applicable", "reopen it, saying why"),
        ("in_review", "its review comes first"),
        ("blocked", "clear the block to go on"),
        ("retired", "the playbook no longer has it"),
    ],
)
def test_what_is_done_or_held_is_not_taken_up_again_by_starting_it(
    scene: Scene, client_of: ClientOf, became: str, then: str
) -> None:
    with scope(scene.world.host.pk):
        now = timezone.now()
        Item.objects.filter(pk=scene.item("g1-adopt").pk).update(
            state=became, done_at=now, waived_until=now.date(), note="As it was"
        )
        before, events = Item.objects.values().get(key="g1-adopt"), Event.objects.count()
    answer = client_of(scene.world.contributor).post(to(scene, 19, "start"))
    assert answer.status_code == 422
    assert then in answer.content.decode()
    with scope(scene.world.host.pk):
        assert (Item.objects.values().get(key="g1-adopt"), Event.objects.count()) == (before, events)
