"""The studio in a real browser: an item is composed, a circle is refused with its path, dates are tried, another role publishes."""

import pytest
from playwright.sync_api import Page, expect

from onboarding.playbooks.models import DraftItem, PlaybookDraft, PlaybookVersion
from tenancy.scope import scope
from testing.browser import PHONE, Windows, follow
from testing.scenes import Scene

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def begin(page: Page, scene: Scene) -> str:
    """Draft the next version; return the draft's address."""
    page.goto(f"/o/host/playbooks/{scene.program.playbook_version_id}/")
    page.get_by_role("button", name="Draft the next version").click()
    page.wait_for_url("**/drafts/**")
    return page.url


def compose(page: Page) -> None:
    """Write an item with a dependency, a condition and its mapping."""
    page.get_by_role("link", name="Add an item").first.click()
    for name, text in {
        "title": "Tabletop of a crisis alert",
        "effort_hours": "4",
        "guidance": "Walk through **one** alert with the people on call.",
        "offset_days": "21",
        "waits-0-lag": "2",
        "evidence-0-title": "Minutes of the tabletop",
        "condition-0-value": "school",
    }.items():
        page.locator(f'[name="{name}"]').fill(text)
    for name, chosen in {
        "stage": "3",
        "owner": "CSO",
        "offset_from": "kick_off",
        "waits-0-item": "crisis-protocol",
        "gate": "G3",
        "gate_class": "informs",
        "condition-0-fact": "site.kind",
        "epis": "preparation",
        "stage_metric": "3",
    }.items():
        page.locator(f'select[name="{name}"]').select_option(chosen)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/drafts/**")


def test_an_item_is_composed_a_circle_refused_with_its_path_and_another_role_publishes(
    scene: Scene, window: Windows
) -> None:
    page = window.open(scene.world.manager)
    draft = begin(page, scene)
    compose(page)
    page.goto(draft)
    expect(page.locator("#tabletop-of-a-crisis-alert")).to_contain_text("kick-off + 21 days")
    expect(page.locator("#tabletop-of-a-crisis-alert")).to_contain_text("kind of site is school")
    expect(page.locator("main")).to_contain_text("The check found nothing")
    with scope(scene.world.host.pk):
        row = DraftItem.objects.get(key="tabletop-of-a-crisis-alert")
        assert row.data["depends_on"] == [{"item": "crisis-protocol", "lag_days": 2}]
        assert (row.data["stage_metric"], row.data["epis"]) == (3, "preparation")

    page.goto(f"{draft}items/crisis-protocol/edit/")
    page.locator('select[name="waits-1-item"]').select_option("tabletop-of-a-crisis-alert")
    follow(page, page.get_by_role("button", name="Save").click)
    page.goto(draft)
    path = "crisis-protocol → tabletop-of-a-crisis-alert → crisis-protocol"
    other = "tabletop-of-a-crisis-alert → crisis-protocol → tabletop-of-a-crisis-alert"
    assert path in page.locator("#problems").inner_text() or other in page.locator("#problems").inner_text()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)

    owner = window.open(scene.world.owner)
    owner.goto(draft)
    owner.get_by_role("button", name="Publish").click()
    expect(owner.get_by_role("alert")).to_contain_text("Correct what is listed below first")
    with scope(scene.world.host.pk):
        assert PlaybookVersion.objects.count() == 1

    page.goto(f"{draft}items/crisis-protocol/edit/")
    page.locator('select[name="waits-1-item"]').select_option("")
    follow(page, page.get_by_role("button", name="Save").click)
    page.goto(f"{draft}preview/")
    page.locator('[name="go_live_on"]').fill("2027-10-05")
    page.locator('[name="kick_off_on"]').fill("2027-02-01")
    page.get_by_role("button", name="Show the dates").click()
    # Presidents' Day is no working day; 21 days after kick-off is 22 February.
    expect(page.get_by_role("row", name="Tabletop of a crisis alert")).to_contain_text("22 Feb")

    owner.goto(draft)
    owner.get_by_role("button", name="Publish").click()
    owner.wait_for_url(lambda address: "/drafts/" not in address)
    expect(owner.locator("main")).to_contain_text("Tabletop of a crisis alert")
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().published is not None
        assert PlaybookVersion.objects.count() == 2


def test_it_works_on_a_phone_without_javascript(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager, size=PHONE, javascript=False)
    draft = begin(page, scene)
    compose(page)
    for part in ("", "changes/", "preview/"):
        page.goto(f"{draft}{part}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True
    with scope(scene.world.host.pk):
        assert DraftItem.objects.filter(key="tabletop-of-a-crisis-alert").exists()
