"""In a real browser: a messy tracker brought over, and a bulk change done and undone with the keyboard alone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from onboarding.deployments.models import Item, ItemDependency
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.tests import messy
from tenancy.scope import scope
from testing.browser import PHONE, Windows
from testing.scenes import Scene

pytestmark = pytest.mark.browser


def test_a_messy_tracker_is_looked_at_corrected_imported_and_undone(
    scene: Scene, window: Windows, tmp_path: Path
) -> None:
    file = tmp_path / "Stillwater rollout.xlsx"
    file.write_bytes(messy.workbook())
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/")
    page.get_by_label("More for this checklist").click()
    page.get_by_role("link", name="Import a tracker").click()
    page.get_by_label("A file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("Rows 1 to 3 stand above the header")).to_be_visible()
    paint = page.locator("tr", has_text="Repaint the waiting room").locator("input[list]")
    expect(paint).to_have_value("Keep as an item of its own")
    paint.fill("Leave out")
    page.get_by_role("button", name="Keep what I chose").click()
    expect(page.locator("tr", has_text="Repaint the waiting room")).to_contain_text("Left out")
    page.get_by_role("button", name="Import 7 rows").click()
    expect(page.get_by_text("Not carried over as it stood")).to_be_visible()
    with scope(scene.world.host.pk):
        assert scene.item("vendor-security-review").state == "blocked"
        assert Item.objects.filter(title="Order snacks for the kick-off week", state="todo").exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=False).first).to_be_visible()
    with scope(scene.world.host.pk):
        assert scene.item("vendor-security-review").state == "todo"
        assert Item.objects.get(title="Order snacks for the kick-off week").state == "retired"


def test_rows_copied_in_a_spreadsheet_are_pasted_straight_onto_the_checklist(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/", wait_until="load")
    page.wait_for_function("document.querySelector('form[data-paste]') !== null")
    copy = "text => navigator.clipboard.writeText(text)"
    page.evaluate(copy, "One line of text")
    page.keyboard.press("Control+V")
    page.evaluate(copy, "Task\tStatus\nTool dossier\tDone\nOrder snacks\tOpen\n")
    page.locator("#list-q").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#list-q")).to_have_value(re.compile("Task"))
    page.locator("#list-q").fill("")
    page.locator("#list-q").blur()
    page.keyboard.press("Control+V")
    page.wait_for_url("**/trackers/*/")
    expect(page.locator("tr", has_text="Tool dossier").first).to_be_visible()
    expect(page.get_by_text("Pasted rows").first).to_be_visible()
    with scope(scene.world.host.pk):
        assert scene.item("tool-dossier").state == "todo"
        assert TrackerImport.objects.count() == 1


def test_several_items_are_started_and_put_back_with_the_keyboard_alone(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        first = list(Item.objects.of_deployment(scene.deployment.pk).order_by("number")[:2])
        ItemDependency.objects.filter(item__in=[one.pk for one in first]).delete()
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/?view=all")
    keys = page.keyboard
    for key in ("j", "x", "j", "x"):
        keys.press(key)
    expect(page.get_by_text("2 selected").first).to_be_visible()
    page.get_by_role("button", name="Start…").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    expect(page.locator("#apply")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("2 items started").first).to_be_visible()
    with scope(scene.world.host.pk):
        assert Item.objects.filter(state="in_progress").count() == 2
    page.get_by_role("button", name="Undo").focus()
    keys.press("Enter")
    expect(page.get_by_text("Undone: 2 items started").first).to_be_visible()
    with scope(scene.world.host.pk):
        assert not Item.objects.filter(state="in_progress").exists()


def test_the_palette_opens_anywhere_and_goes_where_the_words_lead(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/?view=all")
    page.keyboard.press("Control+k")
    box = page.get_by_label("Find or do anything", exact=True).last
    expect(page.locator("#palette-found a").first).to_be_visible()
    box.fill("downtime drill")
    expect(page.locator("#palette-found a", has_text="Downtime drill")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Downtime drill")).to_be_visible()


def test_an_at_offers_people_and_a_phone_without_script_still_finds(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/items/1/")
    field = page.get_by_label("Comment", exact=True)
    field.click()
    page.keyboard.type("Ask @ana")
    expect(page.locator("#names")).to_contain_text("Analyst Host")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Ask @Analyst Host ")
    plain = window.open(scene.world.manager, size=PHONE, javascript=False)
    plain.goto("/o/host/find?q=downtime")
    expect(plain.get_by_role("link", name="Downtime drill")).to_be_visible()
