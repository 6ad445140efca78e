"""The evidence of a meeting: frozen with its hash when it opens, listed, downloaded, and compared with how things are now."""

import csv
import hashlib
import io
import random
import zipfile
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
from onboarding.deployments.models import Evidence, Item, TeamRole
from onboarding.golive.archive import members, streamed
from onboarding.golive.canonical import digest
from onboarding.golive.evidence import changes, look
from onboarding.golive.models import EvidencePack, GateReview
from onboarding.golive.models.review import ReviewRefused
from onboarding.golive.tests.readiness import fresh, meeting, ready_for_go_no_go, sponsor
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.scenes import Scene
from web.uploads.kept import path_of

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


def unzipped(answer: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def with_files(scene: Scene, *contents: bytes) -> GateReview:
    """A meeting over items with these files, all of one name."""
    ready_for_go_no_go(scene)
    items = Item.objects.filter(stage=6, completed_by_gate=False).exclude(state="retired").order_by("number")
    for item, content in zip(items, contents, strict=False):
        Evidence.give(item, store(scene.world.host.pk, "report.txt", [content]), by=scene.manager)
    return meeting(scene)


def test_the_pack_with_its_files_is_one_archive_with_hashes_and_an_index(scene: Scene, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        review = with_files(scene, b"The first report", b"The second report")
        pack = EvidencePack.objects.get()
    browser = client_of(scene.world.manager)
    assert "With its 2 files (ZIP)" in browser.get(f"/o/host/gate-reviews/{review.pk}/packs/1/").content.decode()
    answer = browser.get(f"/o/host/gate-reviews/{review.pk}/packs/1.zip")
    assert answer.streaming
    assert "no-store" in answer["Cache-Control"]
    found = unzipped(answer)
    files = sorted(name for name in found if name.startswith("files/"))
    assert files == ["files/001-report.txt", "files/002-report.txt"]
    assert {found[name] for name in files} == {b"The first report", b"The second report"}
    assert hashlib.sha256(found["evidence-pack.json"]).hexdigest() == pack.sha256
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(found[name]).hexdigest() for name in ["evidence-pack.json", *files]}
    index = list(csv.DictReader(io.StringIO(found["index.csv"].decode())))
    assert [row["Path"] for row in index] == ["evidence-pack.json", *files]
    assert {row["Whole"] for row in index} == {"yes"}
    with scope(scene.world.host.pk):
        read = Event.objects.filter(action="evidence.opened")
        assert {event.data["how"] for event in read} == {"in evidence pack 1 of G6"}
        assert {event.data["sha256"] for event in read} == {sums[name] for name in files}


def test_a_file_that_was_changed_or_lost_since_is_said_in_the_index(scene: Scene, client_of: SignIn) -> None:
    with scope(scene.world.host.pk):
        review = with_files(scene, b"The first report", b"The second report")
        first, second = (one["sha256"] for one in EvidencePack.objects.get().content["entries"] if one.get("sha256"))
    path_of(scene.world.host.pk, first).write_bytes(b"Exchanged")
    path_of(scene.world.host.pk, second).unlink()
    found = unzipped(client_of(scene.world.manager).get(f"/o/host/gate-reviews/{review.pk}/packs/1.zip"))
    index = list(csv.DictReader(io.StringIO(found["index.csv"].decode())))
    assert [row["Whole"] for row in index] == ["yes", "no", "not in the store any more"]
    assert "files/002-report.txt" not in found


def test_an_archive_is_written_while_it_is_sent_and_never_whole_in_memory(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        with_files(scene, *(random.Random(number).randbytes(1_500_000).hex().encode() for number in range(3)))
        pack = EvidencePack.objects.get()
        parts = [len(part) for part in streamed(pack, members(pack))]
    assert sum(parts) > 4_000_000
    assert max(parts) < 1_000_000


def test_who_reads_no_evidence_gets_no_archive(scene: Scene, review: GateReview, client_of: SignIn) -> None:
    scene.share()
    for who in (scene.world.learner, scene.world.vendor_manager, scene.world.funder_manager):
        assert client_of(who).get(f"/o/host/gate-reviews/{review.pk}/packs/1.zip").status_code == 403
    with scope(scene.world.host.pk):
        assert not Event.objects.filter(action="evidence.opened").exists()
