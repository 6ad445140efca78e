"""A learner who needs large letters: all text twice as large on a phone, or the page at four times its size (1280 px become 320)."""

import pytest
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import Windows, turn
from training.courses.shape import Case
from training.learning.actions.answer_quiz import attest, read_on
from training.learning.models import Attempt, Completion
from training.learning.steps import readings
from training.learning.tests.classroom import Classroom

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
LESSON, CASE_LESSON = "who-it-helps", "when-item-9-is-above-zero"
TWICE, ZOOMED = (390, 844), (320, 256)

# What is wider than the page, and words that are cut off: boxes that hide what does not fit.
LOST = """() => {
  const out = (one) => { const box = one.getBoundingClientRect(); return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1); };
  const cut = (one) => {
    const style = getComputedStyle(one);
    const hides = [style.overflowX, style.overflowY].some((way) => way === "hidden" || way === "clip");
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    return hides && words && one.clientWidth > 1 && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 2);
  };
  const shown = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility({ visibilityProperty: true })
    && !one.closest(".sr, .skip, svg, [hidden], .crumbs")); // what a crumb leads to stands in full there
  return shown.filter((one) => out(one) || cut(one)).map((one) => one.outerHTML.slice(0, 160));
}"""
# How much of the window stays for what is read, between what sticks to its edges.
ROOM = """() => {
  const stuck = [...document.querySelectorAll(".sheet, .lesson > header, .top, .tabbar")].filter((one) =>
    ["sticky", "fixed"].includes(getComputedStyle(one).position) && one.checkVisibility());
  const taken = stuck.reduce((sum, one) => sum + one.getBoundingClientRect().height, 0);
  return 1 - taken / innerHeight;
}"""


class Reader:
    """Opens pages and remembers what of them is lost."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lost: list[tuple[str, object]] = []

    def read(self, address: str = "") -> None:
        """Open a page, or read on where we are."""
        page = self.page
        if address:
            page.goto(address)
        found = [*page.evaluate(LOST)]
        if (width := page.evaluate("document.documentElement.scrollWidth")) > page.evaluate("innerWidth"):
            found.append(f"{width} px wide")
        if (room := page.evaluate(ROOM)) < 0.4:
            found.append(f"only {room:.0%} of the window for what is read")
        self.lost += [(page.url.split("/o/host/")[-1], one) for one in found]


@pytest.fixture(params=[TWICE, ZOOMED], ids=["text 200 %", "zoom 400 %"])
def reader(request: pytest.FixtureRequest, classroom: Classroom, window: Windows) -> Reader:
    """The prescriber before a window in which everything is large."""
    page = window.open(classroom.world.learner, size=request.param)
    if request.param == TWICE:
        page.add_init_script(
            "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; })"
        )
    return Reader(page)


def test_nothing_of_a_learners_pages_is_lost_in_large_letters(classroom: Classroom, reader: Reader) -> None:
    page = reader.page
    course = f"/o/host/learning/{classroom.assignment.pk}/"
    for part in ("", "sessions/", "support/", "observations/"):
        reader.read(f"/o/host/learning/{part}")
    reader.read(course)
    reader.read(f"{course}lessons/{LESSON}/")
    with scope(classroom.world.host.pk):
        progress = classroom.read(LESSON)
        attempt = Attempt.running(progress)
    reader.read(f"{course}lessons/{LESSON}/")
    expect(page.locator("legend")).to_be_visible()
    page.locator("input[name=choice]").first.check()
    turn(page, page.locator(".sheet .btn.primary").click)
    reader.read()
    with scope(classroom.world.host.pk):
        classroom.answer(attempt, wrong=tuple(entry["key"] for entry in attempt.questions))
        steps = readings(classroom.version.content, CASE_LESSON)
        number = next(n for n, one in enumerate(steps, start=1) if isinstance(one, Case))
        for step in range(number):
            read_on(classroom.assignment, CASE_LESSON, step, by=classroom.learner)
    reader.read(f"{course}lessons/{LESSON}/")
    expect(page.get_by_role("heading", name="Not passed yet")).to_be_visible()
    reader.read(f"{course}lessons/{CASE_LESSON}/?step=1")
    reader.read(f"{course}lessons/{CASE_LESSON}/")
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    reader.read(f"{course}lessons/{LESSON}/")
    reader.read(f"{course}attestation/")
    expect(page.get_by_role("button", name="Sign")).to_be_visible()
    with scope(classroom.world.host.pk):
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        code = Completion.objects.get().code
    reader.read(course)
    expect(page.get_by_role("link", name="Open certificate (PDF)")).to_be_visible()
    for address in ("/o/host/learning/", "/o/host/certificates/transcript/", f"/v/host/{code}/"):
        reader.read(address)
    assert reader.lost == []
