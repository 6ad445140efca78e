"""A learner's whole way on a phone: with script and the keyboard, and again without script."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from accounts.models import User
from tenancy.scope import scope
from testing.browser import follow, turn
from training.courses.shape import Case, Course, Question, fill
from training.learning.models import Answer, Attempt, Completion
from training.learning.tests.classroom import Classroom

CHROMIUM = Path("/usr/bin/chromium")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium at /usr/bin/chromium"),
]


class Learner:
    """A person with a phone, who knows the course."""

    def __init__(self, page: Any, course: Course, *, keyboard: bool) -> None:
        self.page, self.keyboard = page, keyboard
        self.values = {value.key: value.default for value in course.site_values}
        self.questions = {fill(one.prompt, self.values): one for one in course.questions}
        self.cases = {case.title: case for case in course.cases}
        self.lessons_done = 0

    def check(self) -> None:
        """No violation, nothing off the side, and targets big enough for a thumb."""
        from axe_playwright_python.sync_playwright import Axe

        page = self.page
        if self.keyboard:
            found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
            assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        small = page.locator(".sheet .btn, .answers label, .up-next .btn, .learn .btn")
        for each in small.all():
            if each.is_visible() and not each.evaluate("node => node.disabled"):
                assert each.bounding_box()["height"] >= 48

    @property
    def heading(self) -> str:
        """What the page is called."""
        return self.page.locator("h1").inner_text()

    def step(self, *, wrong: bool = False) -> None:
        """Do what the step asks for and go on to the next."""
        page = self.page
        page.wait_for_load_state()  # a key pressed before the script listens is lost
        if page.locator("input[name=choice]:enabled").count():
            self.answer(self.questions[page.locator("legend").inner_text()], wrong=wrong)
        elif page.locator("input[name=path]").count():
            self.walk(self.cases[self.heading])
        elif wrong:
            raise AssertionError("nothing to answer here")
        self.turn(lambda: page.locator(".sheet .btn.primary").click())

    def turn(self, press: Callable[[], None]) -> None:
        """Press, and wait for the next screen: with script the lesson changes in its place."""
        if self.keyboard and self.page.locator(".lesson").count():
            turn(self.page, press)
        else:
            follow(self.page, press)

    def answer(self, question: Question, *, wrong: bool) -> None:
        """Choose by key or by touch, check, and read the feedback."""
        page = self.page
        wanted = {
            fill(option.text, self.values)
            for option in question.answers
            if (not option.correct if wrong else option.correct)
        }
        labels = page.locator(".answers label")
        texts = [text.split("\n", 1)[-1].strip() for text in labels.all_inner_texts()]
        numbers = [number for number, text in enumerate(texts) if text in wanted]
        for number in numbers[:1] if question.kind == "single" or wrong else numbers:
            if self.keyboard:
                page.keyboard.press("ABCDEF"[number])
            else:
                labels.nth(number).click()
        if self.keyboard:
            self.turn(lambda: page.keyboard.press("Enter"))
        else:
            self.turn(lambda: page.locator(".sheet button").click())
        assert page.locator(".sheet h2").inner_text() == ("Not right" if wrong else "Right")

    def walk(self, case: Case) -> None:
        """Go the shortest way to a safe ending."""
        for number in way_out(case):
            self.page.locator(".answers label").nth(number).click()
            self.turn(lambda: self.page.locator(".sheet .btn.primary").click())
        assert self.page.locator(".sheet h2").inner_text() == "The patient is safe"

    def finish_lesson(self) -> None:
        """Go on to the lesson's result."""
        for _ in range(80):
            if self.page.locator(".note[data-s=done] h2, .note[data-s=risk] h2").count():
                return
            self.step()
        raise AssertionError("the lesson does not end")


def serious(line: Any) -> bool:
    """Whether the console complains; a form that came back with 422 is what the test asked for."""
    return line.type in {"error", "warning"} and "status of 422" not in line.text


def way_out(case: Case) -> list[int]:
    """Return the numbers of the choices on the shortest way to a safe ending."""
    scenes = {scene.key: scene for scene in case.scenes}
    ways: list[tuple[str, list[int]]] = [(case.start, [])]
    while ways:
        key, path = ways.pop(0)
        if scenes[key].ending == "safe":
            return path
        ways += [(choice.next, [*path, number]) for number, choice in enumerate(scenes[key].choices)]
    raise AssertionError("no safe ending")


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(
    request: Any, classroom: Classroom, client_of: Callable[[User], Client], live_server: Any, monkeypatch: Any
) -> Iterator[Callable[[], Any]]:
    """Return a way to open the application on a phone, signed in as the prescriber, each time as another device."""
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cookie = client_of(classroom.world.learner).cookies["sessionid"].value
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )

        def open_phone() -> Any:
            context = chromium.new_context(
                viewport={"width": 390, "height": 844},
                base_url=live_server.url,
                java_script_enabled=request.param,
                has_touch=True,
            )
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
            page = context.new_page()
            page.script = request.param
            page.complaints = complaints
            page.on("console", lambda line: complaints.append(line.text) if serious(line) else None)
            return page

        complaints: list[str] = []
        yield open_phone
        chromium.close()
        assert complaints == []


def test_a_prescriber_learns_stops_fails_passes_signs_and_keeps_the_certificate(
    classroom: Classroom, phone: Callable[[], Any], prescriber_course: Course
) -> None:
    page = phone()
    learner = Learner(page, prescriber_course, keyboard=page.script)
    page.goto("/o/host/learning/")
    learner.check()
    follow(page, page.get_by_role("link", name="Start").click)

    # Two cards in, the learner stops; on another device the third card is there.
    learner.check()
    learner.step()
    learner.step()
    third = learner.heading
    page = phone()
    learner.page = page
    page.goto("/o/host/learning/")
    follow(page, page.get_by_role("link", name="Continue").click)
    assert learner.heading == third

    # In the middle of the quiz, one answer wrong: the next question waits, and the quiz is not passed.
    while not page.locator("input[name=choice]").count():
        learner.step()
    learner.check()
    learner.step(wrong=True)
    second = page.locator("legend").inner_text()
    page = phone()
    learner.page = page
    page.goto(f"/o/host/learning/{classroom.assignment.pk}/lessons/who-it-helps/")
    assert page.locator("legend").inner_text() == second
    learner.finish_lesson()
    learner.check()
    assert page.locator(".note h2").inner_text() == "Not passed yet: 2 of 3 right"
    learner.turn(page.get_by_role("button", name="Try again").click)
    learner.finish_lesson()
    assert page.locator(".note h2").inner_text() == "Passed with 100 %"

    # The other lessons and the final test, each leading to the next.
    for _ in range(5):
        learner.turn(page.locator(".sheet .btn.primary").click)
        learner.finish_lesson()
        assert page.locator(".note h2").inner_text() == "Passed with 100 %"

    # The signature: another name is refused, one's own completes the course.
    learner.turn(page.locator(".sheet .btn.primary").click)
    assert learner.heading == "I will follow the risk protocol"
    learner.check()
    page.get_by_label("Your name").fill("Somebody Else")
    sign = page.get_by_role("button", name="Sign").click
    sign() if page.script else follow(page, sign)
    expect(
        page.get_by_role("alert").get_by_role("link", name="Type your name as it stands in your account")
    ).to_be_visible()
    page.get_by_label("Your name").fill("Prescriber Host")
    follow(page, page.get_by_role("button", name="Sign").click)
    assert page.locator(".note h2").inner_text().startswith("You passed on ")
    learner.check()
    certificate = page.get_by_role("link", name="Open certificate (PDF)").get_attribute("href")
    answer = page.request.get(certificate)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")

    with scope(classroom.world.host.pk):
        completion = Completion.objects.get()
        attempts = Attempt.objects.count()
        asked = sum(len(attempt.questions) for attempt in Attempt.objects.all())
        assert (attempts, Answer.objects.count()) == (7, asked)

    # Anybody may check it, and learns no more than it says.
    page.goto(f"/v/host/{completion.code}/")
    assert page.get_by_role("heading", name="This certificate is valid").is_visible()
    learner.check()
