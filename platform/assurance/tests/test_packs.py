"""Audit packs: whole, hashed, verified by an outsider, resumed after a kill, and only for those who may."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as used
from django.db import connection
from django.test import Client
from django.utils import timezone

from access.permissions import Role
from accounts.models import Membership, User
from assurance.models import AuditPack, AuditRefused
from assurance.packs import links, making, sections
from assurance.tests.audits import actor
from audit import retention, sealing
from audit.models import Event, LegalHold
from audit.tests.sealed_log import happen
from onboarding.deployments.models import Evidence, Item
from onboarding.golive.tests.test_go_live import sign_go
from onboarding.vault.files import store
from tenancy.scope import scope
from testing.databases import with_database
from testing.scenes import Scene
from testing.settling import settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

ClientOf = Callable[[User], Client]
CHILD = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
import django
django.setup()
from django.conf import settings
settings.STATE_DIR = Path(sys.argv[1])
from assurance.packs import making
making.AFTER_SECTION.append(lambda name: name == sys.argv[4] and os.kill(os.getpid(), signal.SIGKILL))
print(making.make(UUID(sys.argv[2]), UUID(sys.argv[3])))
"""


@pytest.fixture(autouse=True)
def own_state(settings: object, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]


def asked(scene: Scene, *, whole: bool = False) -> AuditPack:
    today = timezone.localdate()
    return AuditPack.ask(
        since=today - timedelta(days=400), until=today + timedelta(days=1), by=actor(scene.world.auditor),
        deployment_id=None if whole else scene.deployment.pk,
    )  # fmt: skip


def made(scene: Scene, *, whole: bool = False) -> tuple[AuditPack, zipfile.ZipFile]:
    host = scene.world.host.pk
    with scope(host):
        sign_go(scene)
    settle()
    while sealing.seal(host):
        pass
    with scope(host):
        pack = asked(scene, whole=whole)
    assert making.make(host, pack.pk) is True
    pack = fresh(scene, pack)
    return pack, zipfile.ZipFile(making.zip_of(host, pack.pk))


def fresh(scene: Scene, pack: AuditPack) -> AuditPack:
    with scope(scene.world.host.pk):
        return AuditPack.objects.newest().get(pk=pack.pk)


def check(file: Path) -> str:
    script = making.VERIFIER
    found = subprocess.run([sys.executable, "-I", script, file], capture_output=True, text=True, check=False)
    return found.stdout or found.stderr


def test_a_deployments_pack_holds_every_part_and_every_hash_is_right(scene: Scene, tmp_path: Path) -> None:
    pack, file = made(scene)
    names = set(file.namelist())
    folders = {name.split("/")[0] for name in names if "/" in name}
    assert folders == {one.name for one in sections.every()} - {"audits", "evidence"} | {"evidence"}
    assert {"index.pdf", "manifest.json", "SHA256SUMS", "README.txt", "verify_log.py"} <= names
    sums = dict(reversed(line.split("  ", 1)) for line in file.read("SHA256SUMS").decode().splitlines())
    assert names - {"SHA256SUMS", "manifest.json"} == set(sums)
    assert {name: hashlib.sha256(file.read(name)).hexdigest() for name in sums} == sums
    manifest = file.read("manifest.json")
    assert hashlib.sha256(manifest).hexdigest() == pack.manifest_sha256
    assert hashlib.sha256(making.zip_of(pack.organization_id, pack.pk).read_bytes()).hexdigest() == pack.sha256
    assert {one["path"]: one["sha256"] for one in json.loads(manifest)["files"]} == sums
    signed = json.loads(file.read("signatures/signatures.json"))
    assert [one["stands"] for one in signed] == [True]
    [record] = [name for name in names if name.startswith("gates/records/")]
    assert hashlib.sha256(file.read(record)).hexdigest() == signed[0]["record_sha256"]
    assert record.endswith(f"{signed[0]['record_sha256'][:16]}.json")
    pdf = file.read("index.pdf")
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid" in pdf
    with scope(scene.world.host.pk):
        told = Event.objects.get(action="assurance.pack_made")
        assert (told.data["sha256"], told.data["manifest_sha256"]) == (pack.sha256, pack.manifest_sha256)


def test_an_outsider_verifies_each_event_of_a_deployment(scene: Scene, tmp_path: Path) -> None:
    _, file = made(scene)
    file.extractall(tmp_path / "pack")
    proofs = sorted((tmp_path / "pack" / "events" / "proofs").iterdir())
    events = json.loads(file.read("events/events.json"))
    assert len(proofs) == sum(one["number"] is not None for one in events) > 5
    for one in (proofs[0], proofs[-1]):
        assert check(one).startswith("intact: event ")
    proofs[0].write_text(proofs[0].read_text().replace("deployment", "deploument", 1))
    assert check(proofs[0]).startswith("NOT INTACT")


def test_an_outsider_verifies_the_log_of_an_organization(scene: Scene, tmp_path: Path) -> None:
    _, file = made(scene, whole=True)
    file.extract("events/log.jsonl", tmp_path)
    log = tmp_path / "events" / "log.jsonl"
    assert check(log).startswith("intact: ")
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:2] + lines[3:]))
    assert check(log).startswith("NOT INTACT")


def test_a_killed_worker_leaves_what_is_done_and_the_next_goes_on(scene: Scene, tmp_path: Path) -> None:
    host = scene.world.host.pk
    with scope(host):
        pack = asked(scene)
    environment = {
        **os.environ, "DATABASE_URL": with_database(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"])),
        "PYTHONPATH": f"{used.BASE_DIR}{os.pathsep}{used.BASE_DIR / 'platform'}",
    }  # fmt: skip
    child = subprocess.run(
        [sys.executable, "-c", CHILD, tmp_path, str(host), str(pack.pk), "waivers"], env=environment, capture_output=True,
        check=False,
    )  # fmt: skip
    assert child.returncode == -9, child.stderr.decode()
    struck = fresh(scene, pack)
    before = [one["name"] for one in struck.done]
    assert before == ["items", "gates", "signatures", "evidence", "waivers"]
    assert struck.state == "making"
    assert making.make(host, pack.pk) is False  # the lease of the dead worker holds for a while
    times = {one: (tmp_path / "packs" / str(host) / str(pack.pk) / one).stat().st_mtime_ns for one in before}

    collected: list[str] = []
    making.AFTER_SECTION.append(collected.append)
    try:
        with time_machine.travel(timezone.now() + timedelta(minutes=3)):
            # What was written but does not match its note any more is made again.
            (tmp_path / "packs" / str(host) / str(pack.pk) / "items" / "items.json").write_text("[]")
            assert making.sweep() == 1
            assert making.make(host, pack.pk) in (True, False)  # the sweep rang for it, or made it here
    finally:
        making.AFTER_SECTION.remove(collected.append)
    assert fresh(scene, pack).state == "ready"
    assert collected == ["items", "training", "adaptations", "audits", "messages", "events", "people"]
    assert len(times) == 5
    assert not (tmp_path / "packs" / str(host) / str(pack.pk)).exists()


def test_a_worker_that_was_taken_over_writes_nothing_more(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        pack = asked(scene)
        first = AuditPack.claim(pack.pk)
        assert first is not None
        assert AuditPack.claim(pack.pk) is None
        with time_machine.travel(timezone.now() + timedelta(minutes=3)):
            second = AuditPack.claim(pack.pk)
            assert second is not None
            assert second.attempt == 2
            assert first.note({"name": "items", "files": []}) is False
            assert first.finish(size=1, sha256="a" * 64, manifest_sha256="b" * 64, by=making.BY) is False
        assert AuditPack.objects.get().done == []


def test_a_section_that_takes_longer_than_a_lease_stays_with_its_worker(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, renewed = scene.world.host.pk, threading.Event()

    def slow(wanted: object, folder: object) -> int:
        assert renewed.wait(60)
        return 0

    def renew(pack: AuditPack) -> None:
        plain(pack)
        renewed.set()

    plain = AuditPack.renew
    monkeypatch.setattr(AuditPack, "renew", renew)
    monkeypatch.setattr(making, "RENEWED", timedelta(milliseconds=20))
    monkeypatch.setitem(sections._sections, "items", sections.Section("items", "Checklists", slow, 5))
    with scope(host):
        pack = asked(scene)
    assert making.make(host, pack.pk) is True


def test_a_lease_is_renewed_by_its_own_worker_alone(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        pack = asked(scene)
        first = AuditPack.claim(pack.pk)
        assert first is not None
        moment = timezone.now() + timedelta(minutes=1)
        with time_machine.travel(moment, tick=False):
            first.renew()
        assert AuditPack.objects.get().next_at == moment + timedelta(minutes=2)
        with time_machine.travel(moment + timedelta(minutes=3), tick=False):
            assert AuditPack.claim(pack.pk) is not None
            first.renew()
        assert AuditPack.objects.get().next_at == moment + timedelta(minutes=5)


def test_a_pack_that_kills_its_worker_each_time_is_given_up(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        pack, moment = asked(scene), timezone.now()
        for _ in range(10):
            moment += timedelta(minutes=3)
            with time_machine.travel(moment, tick=False):
                assert AuditPack.claim(pack.pk) is not None
        with time_machine.travel(moment + timedelta(minutes=3), tick=False):
            assert AuditPack.claim(pack.pk) is None
        found = AuditPack.objects.get()
        assert (found.state, found.last_error) == ("failed", "Whoever made it ended 10 times without a word.")


def test_a_pack_says_what_of_its_period_is_no_longer_in_the_log(scene: Scene, as_administrator: None) -> None:
    host, long_ago = scene.world.host, datetime(2019, 5, 6, 9, tzinfo=UTC)
    with time_machine.travel(long_ago, tick=True):
        happen(host, 2)
        while sealing.seal(host.pk):
            pass
    with scope(host.pk):
        by = actor(scene.world.auditor)
        late, all_of_it = (
            AuditPack.ask(since=day, until=timezone.localdate(), by=by) for day in (date(2020, 1, 1), date(2019, 1, 1))
        )
    assert retention.expire(host.pk).batches >= 1
    happen(host, 1)
    while sealing.seal(host.pk):
        pass
    for pack, told in ((late, False), (all_of_it, True)):
        assert making.make(host.pk, pack.pk) is True
        file = zipfile.ZipFile(making.zip_of(host.pk, pack.pk))
        assert ("events/ended.json" in file.namelist()) is told
        assert ("their term of 6 years is over" in file.read("README.txt").decode()) is told
        assert ("are no longer in the log" in json.loads(file.read("manifest.json"))["ended"]) is told
        assert file.read("index.pdf").startswith(b"%PDF-")


def test_a_section_that_fails_is_tried_again_and_then_given_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(wanted: object, folder: object) -> int:
        raise OSError("The disk is full.")

    monkeypatch.setitem(sections._sections, "items", sections.Section("items", "Checklists", broken, 5))
    host = scene.world.host.pk
    with scope(host):
        pack = asked(scene)
    moment = timezone.now()
    for attempt in range(1, 6):
        moment += timedelta(hours=1)
        with time_machine.travel(moment):
            assert making.make(host, pack.pk) is False
        assert fresh(scene, pack).attempt == attempt
    assert (fresh(scene, pack).state, fresh(scene, pack).last_error) == ("failed", "OSError: The disk is full.")
    monkeypatch.undo()
    with scope(host):
        fresh(scene, pack).retry(by=actor(scene.world.auditor))


def test_the_same_pack_is_asked_for_once_and_nonsense_is_refused(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        pack = asked(scene)
        assert asked(scene) == pack
        today = timezone.localdate()
        with pytest.raises(AuditRefused, match="ends after it begins"):
            AuditPack.ask(since=today, until=today - timedelta(days=1), by=actor(scene.world.auditor))
        with pytest.raises(AuditRefused, match="no such deployment"):
            AuditPack.ask(since=today, until=today, by=actor(scene.world.auditor), deployment_id=scene.site.pk)
        assert AuditPack.objects.count() == 1


def test_a_link_is_for_one_person_for_an_hour_while_they_may_see_the_log(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    scene.share()
    pack, _ = made(scene)
    address = links.address_of(pack, world.auditor.pk, "host")
    auditor = client_of(world.auditor)
    page = auditor.get(f"/o/host/audits/packs/{pack.pk}/").content.decode()
    assert "Download the pack" in page
    assert auditor.head(address).status_code == 200  # takes nothing, and is no reading
    answer = auditor.get(address)
    content = b"".join(answer)  # type: ignore[arg-type]
    assert hashlib.sha256(content).hexdigest() == pack.sha256
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    with scope(world.host.pk):
        assert Event.objects.filter(action="assurance.pack_opened", actor_id=world.auditor.pk).count() == 1
    # Somebody else's link, another organization's path, a changed one, and nobody signed in.
    assert client_of(world.owner).get(address).status_code == 404
    assert client_of(world.stranger).get(address.replace("/o/host/", "/o/elsewhere/")).status_code == 404
    assert auditor.get(address[:-4] + "AAAA").status_code == 404
    assert Client().get(address).status_code == 302
    for who in (
        world.manager,
        world.contributor,
        world.learner,
        world.vendor_manager,
        world.hub_manager,
        world.funder_manager,
    ):
        own = links.address_of(pack, who.pk, "host")
        assert client_of(who).get(own).status_code == 403, who
        assert client_of(who).get(f"/o/host/audits/packs/{pack.pk}/").status_code == 403, who
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert client_of(world.auditor).get(address).status_code == 404
    with scope(world.host.pk):
        Membership.objects.get(user=world.auditor).change_roles([Role.CONTRIBUTOR], by=actor(world.owner))
    assert auditor.get(address).status_code == 403


def test_every_paper_in_a_pack_counts_as_read_by_whoever_takes_it(scene: Scene, client_of: ClientOf) -> None:
    """An administrator who would rather not stand in a paper's read log takes it with a pack."""
    world = scene.world
    with scope(world.host.pk):
        item = Item.objects.filter(deployment=scene.deployment).order_by("number")[0]
        paper = Evidence.give(item, store(world.host.pk, "plan.txt", [b"the plan"]), by=scene.manager)
    pack, file = made(scene)
    with file:
        assert any(name.endswith("plan.txt") for name in file.namelist())
    with scope(world.host.pk):
        given_later = Evidence.give(item, store(world.host.pk, "late.txt", [b"given later"]), by=scene.manager)
        assert not Event.objects.filter(action="evidence.opened").exists()
    answer = client_of(world.owner).get(links.address_of(pack, world.owner.pk, "host"))
    assert hashlib.sha256(b"".join(answer)).hexdigest() == pack.sha256  # type: ignore[arg-type]
    with scope(world.host.pk):
        read = Event.objects.filter(action="evidence.opened", actor_id=world.owner.pk)
        assert paper.pk in read.values_list("subject_id", flat=True)
        assert given_later.pk not in read.values_list("subject_id", flat=True)
        assert {one.data["how"] for one in read} == {f"in the audit pack of {pack.title}"}
    text = client_of(world.auditor).get(f"/o/host/admin/audit/reads/?object={paper.pk}").content.decode()
    assert "Owner Host" in text


def test_a_member_limited_to_sites_makes_and_takes_no_pack(scene: Scene, client_of: ClientOf) -> None:
    world = scene.world
    pack, _ = made(scene, whole=True)
    with scope(world.host.pk):
        Membership.objects.get(user=world.auditor).limit_to([scene.site], by=actor(world.owner))
    client = client_of(world.auditor)
    assert client.get(links.address_of(pack, world.auditor.pk, "host")).status_code == 403
    assert client.post("/o/host/audits/packs/", {"since": "2026-01-01", "until": "2026-12-31"}).status_code == 403
    with scope(world.host.pk):
        assert AuditPack.objects.count() == 1


def test_old_files_are_removed_and_said_to_be(scene: Scene) -> None:
    pack, _ = made(scene)
    path = making.zip_of(scene.world.host.pk, pack.pk)
    with scope(scene.world.host.pk), time_machine.travel(timezone.now() + timedelta(days=31)):
        assert making.clear(scene.world.host.pk) == 1
        assert making.clear(scene.world.host.pk) == 0
        assert AuditPack.objects.get().state == "gone"
    assert not path.exists()


def test_under_a_legal_hold_no_file_is_removed(scene: Scene) -> None:
    pack, _ = made(scene)
    path = making.zip_of(scene.world.host.pk, pack.pk)
    with scope(scene.world.host.pk), time_machine.travel(timezone.now() + timedelta(days=31)):
        hold = LegalHold.place(matter="Smith v. Riverbend", reason="Letter of counsel", by=actor(scene.world.owner))
        assert making.clear(scene.world.host.pk) == 0
        assert (AuditPack.objects.get().state, path.exists()) == ("ready", True)
        hold.release(reason="The matter is settled", by=actor(scene.world.owner))
        assert making.clear(scene.world.host.pk) == 1
    assert not path.exists()
