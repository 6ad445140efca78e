"""The evidence of a meeting: frozen with its hash when it opens, listed, downloaded, and compared with how things are now."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client

from accounts.models import User
from audit.models import Event
from facts.kinds import find
from facts.models import state
from onboarding.deployments.models import Item, TeamRole
from onboarding.golive.canonical import digest
from onboarding.golive.evidence import changes, look
from onboarding.golive.models import EvidencePack, GateReview
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go, sponsor
from tenancy.scope import scope
from testing.scenes import Scene

SignIn = Callable[[User], Client]


def changed(review: GateReview) -> list[tuple[str, str, str]]:
    pack = review.pack
    assert pack is not None
    return [(one.title, one.before, one.now) for one in changes(pack.content, look(review))]


@pytest.fixture
def review(scene: Scene) -> GateReview:
    with scope(scene.world.host.pk):
        ready_for_go_no_go(scene)
        return meeting(scene)


def test_it_is_frozen_when_the_meeting_opens_and_holds_everything_behind_the_gate(
    scene: Scene, review: GateReview
) -> None:
    with scope(scene.world.host.pk):
        pack = EvidencePack.objects.get()
        assert pack.sha256 == digest(pack.content)
        assert Event.objects.get(action="gate_review.convened").data["pack_sha256"] == pack.sha256
        kinds = [one["kind"] for one in pack.content["entries"]]
        counted = Item.objects.filter(stage__lte=6, completed_by_gate=False).exclude(state="retired").count()
        assert kinds.count("item") == counted
        assert kinds.count("role") == TeamRole.objects.count()
        assert kinds.count("fact") == 2
        assert kinds.count("score") == 8
        assert kinds.count("criterion") == 5
        assert changed(review) == []


def test_a_later_change_is_told_with_how_it_was_and_the_same_figure_again_is_none(
    scene: Scene, review: GateReview
) -> None:
    coverage = find("training.coverage")
    with scope(scene.world.host.pk):
        state(coverage, 0.97, subject=scene.deployment)
        assert changed(review) == []
        state(coverage, 0.96, subject=scene.deployment)
        item = Item.objects.get(number=84)
        item.reopen(by=scene.manager, reason="One more defect.")
        found = {title: (before, now) for title, before, now in changed(review)}
        assert found[str(item)] == ("Accepted", "In progress")
        assert found[coverage.says] == ("97 %", "96 %")
        assert found["Criterion 1"][1].startswith("Not met.")


def test_the_meeting_may_freeze_it_again_and_the_first_pack_stays(scene: Scene, review: GateReview) -> None:
    with scope(scene.world.host.pk):
        assert review.freeze_again(by=scene.manager).number == 1
        Item.objects.get(number=84).reopen(by=scene.manager, reason="One more defect.")
        assert review.freeze_again(by=scene.manager).number == 2
        assert EvidencePack.objects.count() == 2
        assert changed(review) == []
        assert Event.objects.filter(action="gate_review.pack_frozen").count() == 1


def test_the_record_names_the_pack_and_what_had_changed_since(scene: Scene, review: GateReview) -> None:
    with scope(scene.world.host.pk):
        pack = review.pack
        assert pack is not None
        Item.objects.get(number=84).reopen(by=scene.manager, reason="One more defect.")
        by = sponsor(scene)
        review.decide("no_go", reason="A defect.", printed_name="Sponsor Host", by=by, proof=fresh(by))
        evidence = GateReview.objects.get(pk=review.pk).record["evidence"]
        assert (evidence["pack"], evidence["sha256"]) == (1, pack.sha256)
        assert any("then In progress" in one for one in evidence["changed_since"])
        with pytest.raises(ReviewRefused):
            review.freeze_again(by=scene.manager)
        assert EvidencePack.objects.count() == 1


def test_a_pack_cannot_be_changed_in_the_database(scene: Scene, review: GateReview) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope(scene.world.host.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("update golive_evidencepack set content = '{}'")


def test_what_is_downloaded_has_the_hash_that_is_shown(scene: Scene, review: GateReview, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        pack = EvidencePack.objects.get()
        by = sponsor(scene)
        review.decide("go", reason="Ready.", printed_name="Sponsor Host", by=by, proof=fresh(by))
        record = GateReview.objects.get(pk=review.pk).record
    browser = client_of(scene.world.manager)
    listed = browser.get(f"/o/host/gate-reviews/{review.pk}/packs/1/").content.decode()
    assert pack.sha256 in listed
    assert "Whole." in listed
    sent = browser.get(f"/o/host/gate-reviews/{review.pk}/packs/1.json")
    assert hashlib.sha256(sent.content).hexdigest() == pack.sha256
    assert "no-store" in sent["Cache-Control"]
    signed = browser.get(f"/o/host/gate-reviews/{review.pk}/record.json")
    assert hashlib.sha256(signed.content).hexdigest() == digest(record)
    assert browser.get(f"/o/host/gate-reviews/{review.pk}/packs/9/").status_code == 404
    table = browser.get(f"/o/host/gate-reviews/{review.pk}/packs/1/?as=csv")
    assert b"".join(table.streaming_content).decode().count("\n") == 1 + len(pack.content["entries"])


@pytest.mark.parametrize("who", ["vendor_manager", "hub_manager", "funder_manager"])
def test_partners_do_not_open_the_pack_nor_the_record(
    scene: Scene, review: GateReview, client_of: SignIn, who: Any
) -> None:
    scene.share()
    browser = client_of(getattr(scene.world, who))
    assert browser.get(f"/o/host/gate-reviews/{review.pk}/").status_code == 200
    for page in ("packs/1/", "packs/1.json", "record.json"):
        assert browser.get(f"/o/host/gate-reviews/{review.pk}/{page}").status_code == 403
