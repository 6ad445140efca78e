"""A three-way upgrade with conflicts, in a real browser and without JavaScript too."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item
from onboarding.playbooks.document import PlaybookDocument
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.upgrades.tests.test_upgrade import fingerprint
from tenancy.models import Site
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.scenes import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def second(scene: Scene, starter: PlaybookDocument) -> Deployment:
    """A second site; both have moved a date by hand and begun an item that version 1.1 changes or leaves out."""
    with scope(scene.world.host.pk):
        site = Site.objects.create(name="River Road", kind=Site.Kind.CLINIC, region="NY", time_zone="America/New_York")
        planned = plan_deployment(scene.program, site, go_live_on=date(2027, 6, 1), by=scene.manager, wave=2)
        for deployment in (scene.deployment, planned):
            Item.objects.get(deployment=deployment, key="risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        scene.item("load-test").start(by=scene.manager)
        newer = later(
            starter,
            risk_register={"title": "Risks and issues, owned and dated", "offset_days": -130},
            load_test=None,
            tabletop={"title": "Tabletop of a crisis alert"},
        )
        publish(newer, by=scene.manager)
    return planned


def decide_and_apply(page: Page, scene: Scene) -> None:
    page.goto(f"/o/host/programs/{scene.program.pk}/")
    page.get_by_role("link", name="Upgrade playbook").click()
    page.get_by_role("button", name="Show what would happen").click()
    due = (
        page.get_by_role("group", name="#48 Risks and issues, owned and dated: due")
        .or_(page.locator("fieldset", has_text="due").filter(has_text="Playbook now"))
        .first
    )
    due.get_by_label("Take the playbook’s at Main Street").check()
    gone = page.locator("fieldset", has_text="it left the playbook")
    expect(gone.get_by_label("Keep it as our own item at Main Street")).to_be_checked()
    page.get_by_role("button", name="Move the ticked sites").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("to Behavioral health tool")


def test_an_upgrade_with_conflicts_is_decided_applied_and_undone(
    scene: Scene, second: Deployment, window: Windows
) -> None:
    with scope(scene.world.host.pk):
        before = {one.pk: fingerprint(one) for one in (scene.deployment, second)}
    page = window.open(scene.world.manager)
    decide_and_apply(page, scene)

    with scope(scene.world.host.pk):
        assert scene.item("risk-register").due_on == date(2026, 10, 23)
        assert Item.objects.get(deployment=second, key="risk-register").due_on == date(2026, 12, 1)
        assert scene.item("load-test").state == Item.State.IN_PROGRESS
        assert Item.objects.get(deployment=second, key="load-test").state == Item.State.RETIRED
        assert Item.objects.filter(key="tabletop").count() == 2
    expect(page.get_by_role("table", name="Decisions at Main Street")).to_contain_text("The playbook's")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo the upgrade").click()
    confirm = page.get_by_role("dialog").get_by_role("button").first
    if confirm.is_visible():
        confirm.click()
    expect(page.locator(".note")).to_contain_text("Every site is back where it was before")
    with scope(scene.world.host.pk):
        assert {one.pk: fingerprint(one) for one in (scene.deployment, second)} == before


def test_it_works_on_a_phone_without_javascript(scene: Scene, second: Deployment, window: Windows) -> None:
    page = window.open(scene.world.manager, size=PHONE, javascript=False)
    decide_and_apply(page, scene)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True

    with scope(scene.world.host.pk):
        assert Item.objects.filter(key="tabletop").count() == 2
