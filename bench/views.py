"""What a page costs somebody on a phone with a slow network: bytes, requests, when its largest part stands, what jumps about.

The browser's own observers say it. Files are served as production serves them, compressed and under hashed names.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext

from accounts.models import User
from bench.ground import Ground
from bench.lines import Line
from tenancy.scope import scope
from testing.browser import PHONE, launched, served, session
from training.courses.document import CONTENT, load_course
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Rollout

OPENINGS = 5
SLOWER = 4
"""How many times slower the processor is made."""
NETWORK = {"offline": False, "latency": 40, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""1.6 Mbit/s down, 40 ms to an answer's first byte beside what the server takes."""
AT_REST_MS = 1_500
OBSERVED = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver((list) => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) seen.cls += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@dataclass(frozen=True, slots=True)
class View:
    """One opening of a page."""

    octets: int
    requests: int
    lcp_ms: float
    cls: float


def views(ground: Ground) -> Iterator[Line]:
    """Open the largest pages in a browser that has never been there, and again in the same one."""
    host, funder = ground.host.slug, ground.funder.slug
    pages = {
        "portfolio": (ground.officer, f"/o/{funder}/portfolio/"),
        "checklist": (ground.owner, f"/o/{host}/deployments/{ground.deployment.pk}/"),
        "event log": (ground.owner, f"/o/{host}/admin/audit/"),
        "lesson": (ground.owner, _lesson(ground)),
    }
    with as_in_production(), served() as base, launched() as browser:
        for name, (user, address) in pages.items():
            opened = [list(_openings(browser, base, address, user)) for _ in range(OPENINGS + 1)][1:]
            first, again = ([pair[place] for pair in opened] for place in (0, 1))
            yield Line(
                f"{name} on a phone",
                figure=f"LCP {_median(first, 'lcp_ms') / 1000:.2f} s, again {_median(again, 'lcp_ms') / 1000:.2f};"
                f" CLS {max(view.cls for view in first + again):.3f}; {_median(first, 'octets') / 1000:.0f} KB in"
                f" {first[0].requests}, again {_median(again, 'octets') / 1000:.1f}",
                goal="1.2 s; 0.02; 100 KB, 15 KB",
            )


def _median(opened: list[View], name: str) -> float:
    return statistics.median(getattr(view, name) for view in opened)


def _openings(browser: Browser, base: str, address: str, user: User) -> Iterator[View]:
    context = browser.new_context(
        base_url=base, viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=2, has_touch=True, is_mobile=True
    )  # fmt: skip
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session(user), "url": base}])
    context.add_init_script(OBSERVED)
    for _ in range(2):
        yield _opened(context, address)
    context.close()


def _opened(context: BrowserContext, address: str) -> View:
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", NETWORK)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sent: list[int] = []
    wire.on("Network.loadingFinished", lambda told: sent.append(int(told["encodedDataLength"])))
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{address} answered {answer and answer.status}")
    page.wait_for_timeout(AT_REST_MS)
    seen: Any = page.evaluate("seen")
    page.close()
    return View(sum(sent), sum(size > 0 for size in sent), seen["lcp"], seen["cls"])


@contextmanager
def as_in_production() -> Iterator[None]:
    """Serve collected files: compressed, under hashed names, to be kept for ever."""
    stores = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(STATIC_URL="/static/kept/"),  # what was drawn before is remembered under the usual address
        override_settings(STORAGES=stores, STATIC_ROOT=folder, WHITENOISE_AUTOREFRESH=False, WHITENOISE_USE_FINDERS=False),
    ):  # fmt: skip
        get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
        yield


def _lesson(ground: Ground) -> str:
    """Return the address of a lesson that the owner has to read."""
    with scope(ground.host.pk):
        by, site = ground.by(), ground.deployment.site
        if not Rollout.objects.filter(pk=ground.deployment.pk).exists():
            Rollout.introduce(
                ground.deployment.pk, title="Stillwater CBT", tool_version="4.2", site=site,
                go_live_on=ground.deployment.go_live_on, by=by,
            )  # fmt: skip
        course = load_course(min(CONTENT.glob("*/course.yaml")).parent)
        version = adopt_course(course, by=by, source="library")
        rule = AssignmentRule.set(version.course, job_role="prescriber", offset_days=-7, by=by)
        enroll(ground.owner, job_role="prescriber", site=site, started_on=timezone.localdate(), by=by)
        apply_rule(rule, by=by)
        assignment = Assignment.objects.filter(user=ground.owner, course=version.course).first()
        assert assignment is not None
        return f"/o/{ground.host.slug}/learning/{assignment.pk}/lessons/{next(iter(version.content_keys))}/"
