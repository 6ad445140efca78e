"""The gallery in a real browser, under the content policy: accessible, wide enough, alive, and quiet on the console."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.template import engines
from jinja2 import ChoiceLoader, DictLoader

from testing.browser import follow
from web.tests import urls

CHROMIUM = Path("/usr/bin/chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LIVE = """{% extends "web/plain.html" %}{% block title %}Live{% endblock %}{% block main %}<h1>Live</h1>
{% block region %}<div id="region" data-live="" data-version='{{ tag }}' hx-get="/region" hx-trigger="refresh" hx-swap="outerHTML"><p>Version {{ version }}</p></div>{% endblock %}{% endblock %}"""

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium")]


class Quiet(WSGIRequestHandler):
    """Serves without writing a line for each request."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the application on localhost; no page of these tests asks the database."""
    settings.ROOT_URLCONF = "web.tests.urls"
    env = engines["jinja2"].env
    monkeypatch.setattr(env, "loader", ChoiceLoader([DictLoader({"web/tests/live.html": LIVE}), env.loader]))
    with make_server("localhost", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def browser() -> Iterator[Any]:
    """Start Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """Open a page that collects what its console complains about, content policy included."""
    page = browser.new_page(base_url=address)
    page.complaints = []
    page.on("console", lambda line: page.complaints.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_the_gallery_has_no_accessibility_violation_and_does_not_scroll_sideways(
    browser: Any, address: str, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}/dev/components", wait_until="networkidle")
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_gallery_runs_under_the_content_policy_without_a_complaint(page: Any) -> None:
    answer = page.goto("/dev/components", wait_until="networkidle")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert page.complaints == []


def test_shortcuts_walk_select_and_open_and_stay_quiet_while_typing(page: Any) -> None:
    page.goto("/dev/components", wait_until="networkidle")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Network and connectivity test"
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-picked]").text_content() == "1 selected"
    assert page.locator("#live").text_content() == "1 selected"
    page.keyboard.press("c")
    assert page.evaluate("document.activeElement.id") == "comment"
    page.keyboard.type("jx?")
    assert page.input_value("#comment") == "jx?"
    assert not page.locator("#keys").is_visible()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_shortcuts_can_be_turned_off(page: Any) -> None:
    page.goto("/dev/components", wait_until="networkidle")
    page.locator("[data-open=keys]").click()
    follow(page, page.get_by_role("button", name="Turn shortcuts off").click)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert not page.locator("#keys").is_visible()


def test_the_theme_changes_at_once_and_is_still_there_on_the_next_page(page: Any) -> None:
    page.goto("/dev/components", wait_until="networkidle")
    with page.expect_response("**/appearance"):
        page.get_by_role("button", name="Switch light or dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/offline")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_folded_rows_hide_and_come_back(page: Any) -> None:
    page.goto("/dev/components", wait_until="networkidle")
    row = page.get_by_text("Superusers certified, every shift covered")
    assert not row.is_visible()
    page.get_by_role("button", name="5 Train").click()
    assert row.is_visible()
    page.reload(wait_until="networkidle")
    assert row.is_visible()


def test_without_script_nothing_is_hidden_and_menus_still_open(browser: Any, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/dev/components")
    assert page.get_by_text("Superusers certified, every shift covered").is_visible()
    assert page.locator("[data-bulk]").is_visible()
    page.locator("summary", has_text="Owner").click()
    assert page.get_by_role("link", name="Vendor engineer").is_visible()
    page.get_by_role("button", name="Switch light or dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_live_region_is_asked_for_and_left_alone_until_it_is_another_version(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls, "STATE", {"version": 1, "asked": 0, "sent": 0})
    page.clock.install()
    page.goto("/live", wait_until="networkidle")
    page.evaluate("document.querySelector('#region').dataset.mark = 'untouched'")
    with page.expect_response("**/region") as same:
        page.clock.run_for(2100)
    assert same.value.status == 304
    assert page.locator("#region").get_attribute("data-mark") == "untouched"
    assert page.locator("#region p").text_content() == "Version 1"
    urls.STATE["version"] = 2
    with page.expect_response("**/region") as news:
        page.clock.run_for(2100)
    assert news.value.status == 200
    page.clock.run_for(200)
    page.locator("#region p", has_text="Version 2").wait_for()
    assert urls.STATE["sent"] == 1
    with page.expect_response("**/region") as again:
        page.clock.run_for(2100)
    assert again.value.status == 304
