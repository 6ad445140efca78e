"""Moving dates on the timeline without a mouse: tried with the arrows, seen before it is done, undone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from onboarding.deployments.models import Deployment, Item
from onboarding.plans.models import DateMove
from tenancy.scope import scope
from testing.browser import Windows
from testing.scenes import GO_LIVE, Scene

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def test_go_live_moves_by_keyboard_with_a_preview_and_an_undo(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        before = dict(Item.objects.values_list("pk", "due_on"))
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/timeline/", wait_until="load")
    date = page.locator('[data-bar="bar-go-live"]')
    date.focus()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(date).to_contain_text("16 Mar")
    expect(page.locator("#live")).to_contain_text("14 days later")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="due dates would move")
    expect(heading).to_be_focused()
    with scope(scene.world.host.pk):
        assert dict(Item.objects.values_list("pk", "due_on")) == before
    page.keyboard.press("Tab")
    page.keyboard.type("The board meets later.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.get_by_text("Go-live is 16 Mar 2027")).to_be_visible()
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == GO_LIVE + timedelta(days=14)
        assert DateMove.objects.get().reason == "The board meets later."
    page.get_by_role("button", name="Undo").first.press("Enter")
    page.wait_for_load_state()
    expect(page.get_by_text("The move is undone")).to_be_visible()
    with scope(scene.world.host.pk):
        assert Deployment.objects.get().go_live_on == GO_LIVE
        assert dict(Item.objects.values_list("pk", "due_on")) == before


def test_an_item_moves_by_keyboard_and_escape_puts_it_back(scene: Scene, window: Windows) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("g6-go-no-go")
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/timeline/", wait_until="load")
    date = page.locator(f'[data-item="{item.number}"]')
    said = date.inner_text()
    date.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(page.locator("#live")).to_contain_text("as planned")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_contain_text(f"#{item.number}")
    assert said
    with scope(scene.world.host.pk):
        assert scene.item("g6-go-no-go").due_on == item.due_on


def test_plus_and_minus_zoom(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/timeline/", wait_until="load")
    width = page.locator(".gantt svg[role=img]").bounding_box()["width"]  # type: ignore[index]
    page.keyboard.press("+")
    page.wait_for_url("**scale=weeks")
    assert page.locator(".gantt svg[role=img]").bounding_box()["width"] > 2 * width  # type: ignore[index]
    page.keyboard.press("-")
    page.wait_for_url("**scale=months")
    page.keyboard.press("-")
    page.wait_for_url("**scale=quarters")
