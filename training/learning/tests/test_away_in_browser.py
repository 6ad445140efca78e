"""A learner's other pages on a phone without a network: a link says so and the page stays; after signing out nothing is left."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import PHONE, Windows
from training.courses.shape import Course
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import LiveSession, SessionSeat
from training.learning.tests.classroom import Classroom
from training.learning.tests.test_flaky_network import NETWORK
from training.learning.tests.test_live_sessions import LESSON, live

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(classroom: Classroom, window: Windows) -> Any:
    page = window.open(classroom.world.learner, size=PHONE)
    yield page
    window.problems[:] = [one for one in window.problems if not NETWORK.search(one)]


def go_offline(page: Page) -> Any:
    """Take the network away once the page can say so; return what says it."""
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")
    return page.get_by_role("dialog", name="The network is gone")


def test_a_link_without_a_network_is_told_so_and_followed_when_it_is_back(classroom: Classroom, phone: Page) -> None:
    phone.goto("/o/host/learning/")
    course = phone.locator(f"main a[href='/o/host/learning/{classroom.assignment.pk}/']").first
    gone = go_offline(phone)
    course.click()
    expect(gone).to_contain_text("What works without it: this page, and a lesson that is open")
    expect(gone).to_contain_text("it keeps no pages")
    expect(gone).not_to_contain_text(classroom.world.learner.name)
    gone.get_by_role("link", name="Try again").click()
    expect(gone.get_by_text("There is still no network.")).to_be_visible()
    gone.get_by_role("button", name="Stay here").click()
    expect(gone).to_be_hidden()
    course.click()
    phone.context.set_offline(False)
    gone.get_by_role("link", name="Try again").click()
    phone.wait_for_url(f"**/learning/{classroom.assignment.pk}/")


def test_a_seat_asked_for_without_a_network_is_taken_when_it_is_back(
    classroom: Classroom, prescriber_course: Course, phone: Page
) -> None:
    with scope(classroom.world.host.pk):
        version = adopt_course(live(prescriber_course), by=classroom.manager, source="test")
        LiveSession.plan(
            version.course, counts_for=LESSON, starts_at=timezone.now() + timedelta(days=9), minutes=60, place="Room 2",
            capacity=1, trainer=classroom.world.manager, site=classroom.site, by=classroom.manager,
        )  # fmt: skip
    phone.goto("/o/host/learning/sessions/")
    gone = go_offline(phone)
    phone.get_by_role("button", name="Sign up").click()
    expect(gone).to_be_visible()
    with scope(classroom.world.host.pk):
        assert not SessionSeat.objects.exists()
    phone.context.set_offline(False)
    gone.get_by_role("link", name="Try again").click()
    expect(phone.locator("main").get_by_text("You have a seat.")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert SessionSeat.objects.count() == 1


def test_the_page_that_is_left_by_signing_out_is_empty_when_the_browser_keeps_it(phone: Page) -> None:
    phone.goto("/me/")
    expect(phone.get_by_role("button", name=re.compile("Sign out")).first).to_be_visible()
    phone.wait_for_function(
        "() => { dispatchEvent(new Event('pagehide')); return document.body.childElementCount === 0; }"
    )
    assert phone.evaluate("document.body.textContent") == ""


def test_no_learner_page_is_kept_on_the_device(classroom: Classroom, phone: Page) -> None:
    for path in ("", f"{classroom.assignment.pk}/", "sessions/"):
        phone.goto(f"/o/host/learning/{path}")
        phone.wait_for_load_state("networkidle")
    assert phone.evaluate("caches.keys()") == []
    assert phone.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert phone.evaluate("Object.keys(localStorage)") == ["causeway-queue"]
