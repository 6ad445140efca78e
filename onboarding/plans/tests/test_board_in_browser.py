"""The board in a browser: cards dragged with the pointer, moved by keyboard, and by the link that needs no script."""

import pytest
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import Windows
from testing.scenes import Scene

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def state(scene: Scene, key: str) -> str:
    with scope(scene.world.host.pk):
        return str(scene.item(key).state)


def number(scene: Scene, key: str) -> int:
    with scope(scene.world.host.pk):
        return int(scene.item(key).number)


def drag(page: Page, card: str, lane: str) -> None:
    page.locator(card).scroll_into_view_if_needed()
    start = page.locator(card).bounding_box()
    end = page.locator(lane).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 12, start["y"] + start["height"] - 4)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, start["y"] + 10, steps=6)
    expect(page.locator(lane)).to_have_attribute("data-over", "")
    page.mouse.up()


def test_a_card_is_dragged_to_another_column_and_asks_what_the_column_needs(scene: Scene, window: Windows) -> None:
    card = f"#card-{number(scene, 'tool-dossier')}"
    page = window.open(scene.world.manager)
    page.set_viewport_size({"width": 1600, "height": 900})
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/board/", wait_until="load")
    expect(page.locator("#card")).to_be_hidden()
    drag(page, card, '[data-lane="in_progress"]')
    expect(page.locator('[data-lane="in_progress"]').locator(card)).to_be_visible()
    expect(page.locator(f"{card} a.link").first).to_be_focused()
    assert state(scene, "tool-dossier") == "in_progress"
    drag(page, card, '[data-lane="blocked"]')
    page.wait_for_url("**/move/?by=state&to=blocked")
    page.get_by_label("What blocks it").fill("The vendor has not answered.")
    page.get_by_role("button", name="Move the card").click()
    page.wait_for_url("**/board/**")
    expect(page.locator('[data-lane="blocked"]').locator(card)).to_be_visible()
    assert state(scene, "tool-dossier") == "blocked"


def test_a_card_moves_by_keyboard_and_escape_leaves_it(scene: Scene, window: Windows) -> None:
    card = f"#card-{number(scene, 'tool-dossier')}"
    page = window.open(scene.world.manager)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/board/", wait_until="load")
    page.locator(f"{card} a.link").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#live")).to_contain_text("To In progress. Enter moves it there")
    page.keyboard.press("Escape")
    assert state(scene, "tool-dossier") == "todo"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator('[data-lane="in_progress"]').locator(card)).to_be_visible()
    expect(page.locator(f"{card} a.link").first).to_be_focused()
    assert state(scene, "tool-dossier") == "in_progress"
