"""axe-core on every page of the product, light and dark, wide and narrow: no violation, and no error in the console.

Every page is looked at twice: light and wide, dark and narrow, or the other way round on the next page.
`CAUSEWAY_AXE=all` looks at each in all four ways; `CAUSEWAY_AXE_ONLY=parts,of,addresses` at some pages only.
"""

import os
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from testing.browser import DESKTOP, PHONE, Windows
from testing.isolation import homes, registry
from testing.isolation.homes import Home
from testing.pages import OTHERWISE, pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
]

ONLY = os.environ.get("CAUSEWAY_AXE_ONLY", "")
LIGHT_WIDE, LIGHT_NARROW = ("light", DESKTOP), ("light", PHONE)
DARK_WIDE, DARK_NARROW = ("dark", DESKTOP), ("dark", PHONE)
TURNS = [(LIGHT_WIDE, DARK_NARROW), (DARK_WIDE, LIGHT_NARROW)]
if os.environ.get("CAUSEWAY_AXE") == "all":
    TURNS = [(LIGHT_WIDE, DARK_WIDE, DARK_NARROW, LIGHT_NARROW)]
# Colors fade from one scheme to the other; axe must not see them on their way.
SETTLED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().filter((one) => one.effect.getTiming().iterations < 99).map((one) => one.finished));
}"""


def violations(page: Page) -> list[str]:
    """Return what axe says against the page as it stands."""
    found = Axe().run(page).response["violations"]
    lines = []
    for rule in found:
        for node in rule["nodes"][:3]:
            why = (node["any"] or node["all"] or node["none"] or [{"message": ""}])[0]["message"]
            lines.append(f"{rule['id']}: {node['target']} {node['html'][:140]} {why[:160]}")
    return lines


@pytest.fixture
def home(transactional_db: None) -> Home:
    """A tenant with something on every page."""
    registry.load()
    return homes.build("alder")


def test_every_page_is_without_a_violation_in_light_and_dark_wide_and_narrow(home: Home, window: Windows) -> None:
    open_windows: dict[UUID | None, Page] = {}
    wrong: dict[str, list[str]] = {}
    looked_at = views = 0
    for _, address, user in pages(home):
        if not any(part in address for part in ONLY.split(",")):
            continue
        key = user.pk if user else None
        page = open_windows.get(key) or open_windows.setdefault(key, window.open(user))
        for scheme, size in TURNS[looked_at % len(TURNS)]:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size({"width": size[0], "height": size[1]})
            answer = page.goto(address)
            assert answer is not None
            page.evaluate(SETTLED)
            views += 1
            place = f"{address} ({scheme}, {size[0]} px)"
            if answer.status != OTHERWISE.get(address, 200):
                wrong[place] = [f"answered {answer.status}"]
            if found := violations(page):
                wrong.setdefault(place, []).extend(found)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.setdefault(place, []).append("the page scrolls sideways")
        looked_at += 1
    lines = "\n".join(f"{place}\n    " + "\n    ".join(found) for place, found in wrong.items())
    assert not wrong, f"{len(wrong)} of {views} views of {looked_at} pages:\n{lines}"
    assert ONLY or looked_at > 60
