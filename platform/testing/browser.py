"""A real browser before a real server: what a person sees, with every console error and every CSP violation counted.

`live` serves this worker's database on a port of its own; `window` opens windows (contexts) of one Chromium there.
"""

import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from accounts.models import User
from accounts.second_factor import DEVELOPMENT_FLAG

__all__ = ["chromium", "live", "window"]

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP, PHONE = (1440, 900), (390, 844)
PATIENCE = 60_000
"""Milliseconds to wait for a page of a busy machine."""
# A form that is refused answers one of these, and Chromium writes every such answer to the console.
REFUSAL = re.compile(r"Failed to load resource: .* status of (403|404|409|410|422)")
WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`));
"""


def turn(page: Page, press: Callable[[], object]) -> None:
    """Press, and wait until the screen of the lesson is another one.

    With script a lesson changes in its place, so nothing else tells the old screen from the new: what a test reads or
    presses too early belongs to the wrong one.
    """
    page.locator(".lesson").evaluate("node => { node.dataset.seen = 1; }")
    press()
    page.locator(".lesson[data-seen]").wait_for(state="detached")


def follow(page: Page, press: Callable[[], object]) -> None:
    """Press, and wait until the page that answers is there: to go on sooner is to read the old one, or to cut it off."""
    with page.expect_navigation():
        press()


class NoBrowserError(RuntimeError):
    """This machine has no browser to drive."""


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: the test says what went wrong."""


class _Server(ThreadedWSGIServer):
    """Ends with its last answer: one still being made would query the database that the next test empties."""

    daemon_threads = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sockets: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._sockets.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Read nothing more from any browser, finish what was read, and wait for it."""
        for connection in list(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that closed its connection."""


@dataclass
class Windows:
    """Opens windows and remembers what went wrong in any of them."""

    browser: Browser
    address: str
    problems: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        user: User | None = None,
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        javascript: bool = True,
    ) -> Page:
        """Open a window, signed in with two factors as `user` or not at all; addresses in it may leave the host out."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
            has_touch=size[0] < 600,
            locale="en-US",
        )
        self._open.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        if user is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session(user), "url": self.address}])
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.problems.append(f"{error.page and error.page.url}: {error.error}"))
        return context.new_page()

    def close(self) -> None:
        """Close every window."""
        for context in self._open:
            context.close()
        self._open.clear()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSAL.match(message.text):
            page = message.page
            self.problems.append(f"{page.url if page else ''}: {message.text}")


def session(user: User) -> str:
    """Sign somebody in with two factors, given just now, and return the session's key."""
    client = Client()
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    request.session[DEVELOPMENT_FLAG] = True
    record_authentication(request, user, "development", reauthenticated=True)
    request.session.save()
    return str(request.session.session_key)


def executable(playwright: Playwright) -> str:
    """Return the Chromium of this machine, else Playwright's own; raise NoBrowserError where there is none."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "/usr/bin/chromium"
    )
    for path in (found, playwright.chromium.executable_path):
        if os.access(path, os.X_OK):
            return path
    raise NoBrowserError("no Chromium is installed (Debian: apt install chromium, or: playwright install chromium)")


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a Chromium. Playwright's synchronous interface keeps an event loop in this thread; Django may query all the same."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=PATIENCE)  # its own five seconds are short for a machine with other work
            browser = playwright.chromium.launch(executable_path=executable(playwright), args=ARGUMENTS)
            try:
                yield browser
            finally:
                browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def served() -> Iterator[str]:
    """Serve the product from this process with static files; yield the address."""
    server = _Server(("127.0.0.1", 0), _Handler, ipv6=False)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser per file, gone with it: its event loop must not outlive it, or the next test cannot have its own.

    Skips where none is installed.
    """
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(launched())
        except NoBrowserError as missing:
            pytest.skip(str(missing))
        yield browser


@pytest.fixture
def live(transactional_db: None) -> Iterator[str]:
    """Serve this worker's database; return the address."""
    with served() as address:
        yield address


@pytest.fixture
def window(chromium: Browser, live: str) -> Iterator[Windows]:
    """Windows of a browser; the test fails when anything was written to a console as an error."""
    windows = Windows(chromium, live)
    yield windows
    windows.close()
    assert windows.problems == []
