"""An access review in a browser: kept, revoked, and the person is out; on a phone and without script as well."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Membership
from assurance.models import AuditPack
from assurance.packs import making
from assurance.tests.audits import begun
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.cast import World
from testing.scenes import Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.transactional,
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
]


def test_an_owner_reviews_access_and_an_auditor_signs(world: World, window: Windows) -> None:
    with scope(world.host.pk):
        run = begun(world)
    leaving = window.open(world.contributor)
    leaving.goto("/o/host/audits/findings/")
    expect(leaving.get_by_role("heading", name="Findings")).to_be_visible()

    page = window.open(world.owner)
    page.goto("/o/host/audits/")
    page.get_by_role("link", name="Access review").first.click()
    expect(page.get_by_role("heading", name="Access review, audit 1")).to_be_visible()
    page.get_by_label("Why, for Analyst Host").fill("The interface is built; left in May.")
    with page.expect_navigation():
        page.get_by_role("button", name="Revoke the access of Analyst Host").click()
    row = page.get_by_role("row").filter(has_text="Analyst Host")
    expect(row).to_contain_text("Revoked")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep the access of Auditor Host").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter reason")
    leaving.reload()
    expect(leaving.get_by_role("heading", name="There is no page here")).to_be_visible()

    small = window.open(world.owner, size=PHONE, javascript=False)
    for name in ("Auditor Host", "Manager Host", "Prescriber Host", "Sponsor Host"):
        small.goto(f"/o/host/audits/runs/{run.pk}/")
        small.get_by_label(f"Why, for {name}").fill("Works on it every week.")
        with small.expect_navigation():
            small.get_by_role("button", name=f"Keep the access of {name}").click()
        expect(small.get_by_role("row").filter(has_text=name)).to_contain_text("Kept")
    small.get_by_label("Why, for Owner Host").fill("Mine.")
    with small.expect_navigation():
        small.get_by_role("button", name="Keep the access of Owner Host").click()
    expect(small.get_by_role("alert")).to_contain_text("Nobody reviews their own access")
    with scope(world.host.pk):
        assert not Membership.objects.active().filter(user=world.contributor).exists()
        assert run.lines.filter(decision="keep").count() == 4


def test_an_auditor_asks_for_a_pack_and_downloads_what_was_made(
    scene: Scene, window: Windows, settings: object, tmp_path: Path
) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
    page = window.open(scene.world.auditor)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/history/")
    with page.expect_navigation():
        page.get_by_role("link", name="Audit pack").click()
    expect(page.get_by_label("About")).to_have_value(str(scene.deployment.pk))
    with page.expect_navigation():
        page.get_by_role("button", name="Make the pack").click()
    expect(page.locator("#progress .pill")).to_have_text("Waits")
    with scope(scene.world.host.pk):
        pack = AuditPack.objects.get()
    assert making.make(scene.world.host.pk, pack.pk) is True
    expect(page.locator("#progress .pill")).to_have_text("Ready")  # by itself, within two seconds
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the pack").click()
    taken = tmp_path / "taken.zip"
    started.value.save_as(taken)
    with scope(scene.world.host.pk):
        assert hashlib.sha256(taken.read_bytes()).hexdigest() == AuditPack.objects.get().sha256
    plain = window.open(scene.world.auditor, javascript=False, size=PHONE)
    plain.goto(f"/o/host/audits/packs/{pack.pk}/")
    expect(plain.get_by_role("link", name="Download the pack")).to_be_visible()
