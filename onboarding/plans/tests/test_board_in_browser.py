"""The board in a browser: cards dragged with the pointer, moved by keyboard, and by the link that needs no script."""

import pytest
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import PHONE, Windows
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


class Finger:
    """One finger on the screen, through the browser's own touch input."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", (x, y))

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", (x, y))

    def up(self) -> None:
        self._send("touchEnd")


def place_of(page: Page, card: str) -> tuple[float, float]:
    page.locator(card).scroll_into_view_if_needed()
    box = page.locator(card).bounding_box()
    assert box
    return box["x"] + 20, box["y"] + box["height"] - 6


def test_a_finger_that_stays_lifts_a_card_and_carries_it_to_a_column_off_screen(scene: Scene, window: Windows) -> None:
    card = f"#card-{number(scene, 'tool-dossier')}"
    page = window.open(scene.world.manager, size=PHONE)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/board/", wait_until="load")
    x, y = place_of(page, card)
    finger = Finger(page)
    finger.down(x, y)
    expect(page.locator(card)).to_have_attribute("data-held", "")
    lane = page.locator('[data-lane="in_progress"]')
    for step in range(60):  # at the edge the board comes along, until the finger is over the column
        finger.move(PHONE[0] - 20 - step % 2, y)
        if lane.get_attribute("data-over") is not None:
            break
    expect(lane).to_have_attribute("data-over", "")
    finger.up()
    expect(lane.locator(card)).to_be_visible()
    assert state(scene, "tool-dossier") == "in_progress"


def test_a_finger_that_moves_on_scrolls_and_a_short_touch_opens_the_item(scene: Scene, window: Windows) -> None:
    card = f"#card-{number(scene, 'tool-dossier')}"
    page = window.open(scene.world.manager, size=PHONE)
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/board/", wait_until="load")
    x, y = place_of(page, card)
    finger = Finger(page)
    finger.down(x + 200, y)
    for step in range(1, 8):
        finger.move(x + 200 - 25 * step, y)
    page.wait_for_function("document.querySelector('.board').scrollLeft > 40")
    finger.up()
    expect(page.locator("[data-held]")).to_have_count(0)
    assert state(scene, "tool-dossier") == "todo"
    with page.expect_navigation():
        page.locator(f"{card} a.link").first.tap()
    assert f"/items/{number(scene, 'tool-dossier')}/" in page.url
    assert state(scene, "tool-dossier") == "todo"
