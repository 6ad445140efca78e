"""A learner on a phone whose network goes in the middle of a lesson: nothing is lost, nothing counts twice."""

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from tenancy.scope import scope
from testing.browser import PHONE, Windows, turn
from training.courses.shape import Case, Course
from training.learning.actions.answer_quiz import read_on
from training.learning.models import Answer, Attempt, Attestation, Completion, LessonProgress
from training.learning.steps import readings
from training.learning.tests.classroom import Classroom
from training.learning.tests.test_attestation_versions import NEW, worded
from training.learning.tests.test_browser import way_out

LESSON, CASE_LESSON = "who-it-helps", "when-item-9-is-above-zero"
# A browser without a network complains of it; nothing else may.
NETWORK = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|: htmx:(afterRequest|sendError)")

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(classroom: Classroom, window: Windows) -> Any:
    """A phone on which the prescriber has the first card before them."""
    page = window.open(classroom.world.learner, size=PHONE)
    page.goto(f"/o/host/learning/{classroom.assignment.pk}/lessons/{LESSON}/")
    yield page
    window.problems[:] = [one for one in window.problems if not NETWORK.search(one)]


def go_on(page: Page) -> None:
    turn(page, page.locator(".sheet .btn.primary").click)


def begin(page: Page) -> None:
    """Put the first card behind; the whole rest of the lesson is fetched."""
    with page.expect_response(lambda answer: answer.url.endswith("/ahead/") and answer.json()["all"]):
        go_on(page)


def right(classroom: Classroom, key: str) -> str:
    """The value of the right answer to a question."""
    question = next(one for one in classroom.version.content.questions if one.key == key)
    return str(next(number for number, option in enumerate(question.answers) if option.correct))


def answer(page: Page, classroom: Classroom) -> None:
    key = page.locator("input[name=question]").get_attribute("value")
    assert key
    page.locator(f"input[name=choice][value='{right(classroom, key)}']").check()
    go_on(page)


def to_the_questions(page: Page, classroom: Classroom) -> None:
    for number in range(2, len(readings(classroom.version.content, LESSON)) + 1):
        expect(page.locator(f".lesson[data-step='{number}']")).to_be_visible()
        go_on(page)
    expect(page.locator("input[name=question]")).to_be_attached()


def taken(classroom: Classroom) -> tuple[int, int, int | None]:
    """Answers, attempts and the score of the lesson as the server has them."""
    with scope(classroom.world.host.pk):
        progress = LessonProgress.objects.get(assignment=classroom.assignment, lesson=LESSON)
        return Answer.objects.count(), Attempt.objects.count(), progress.score


def test_a_lesson_goes_on_without_a_network_and_every_answer_arrives_once(classroom: Classroom, phone: Page) -> None:
    begin(phone)
    phone.context.set_offline(True)
    to_the_questions(phone, classroom)
    expect(phone.get_by_text("You are offline", exact=True)).to_be_visible()
    for _ in range(3):
        answer(phone, classroom)
    expect(phone.get_by_role("heading", name="The network is gone")).to_be_visible()
    assert taken(classroom) == (0, 1, None)
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="Passed with 100 %")).to_be_visible()
    expect(phone.get_by_text("You are offline", exact=True)).to_be_hidden()
    assert taken(classroom) == (3, 1, 100)


def test_a_press_without_a_choice_skips_no_question_where_there_is_no_network(
    classroom: Classroom, phone: Page
) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    step = str(phone.locator(".lesson").get_attribute("data-step"))
    phone.context.set_offline(True)
    phone.locator(".sheet .btn.primary").click()
    expect(phone.get_by_role("alert")).to_have_text("Choose an answer, then check it.")
    expect(phone.locator(".lesson")).to_have_attribute("data-step", step)
    assert phone.evaluate("localStorage.getItem('causeway-queue')") == "[]"
    phone.context.set_offline(False)
    answer(phone, classroom)
    expect(phone.locator(".sheet h2")).to_have_text("Right")
    assert taken(classroom)[:2] == (1, 1)


def test_a_choice_made_while_an_empty_press_is_under_way_is_kept(classroom: Classroom, phone: Page) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    posts: list[str] = []
    phone.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    phone.locator(".sheet .btn.primary").click()
    phone.locator("input[name=choice]").first.check()
    phone.locator(".sheet .btn.primary").click()
    expect(phone.locator(".sheet h2")).to_have_text(re.compile("Right|Not right"))
    assert (len(posts), taken(classroom)[:2]) == (1, (1, 1))


def test_an_answer_whose_receipt_is_lost_is_not_taken_twice(classroom: Classroom, phone: Page) -> None:
    begin(phone)
    to_the_questions(phone, classroom)

    def arrive_unheard(route: Route) -> None:
        route.fetch()
        route.abort()

    phone.route("**/answers/", arrive_unheard, times=1)
    first = phone.locator(".lesson").get_attribute("data-step")
    answer(phone, classroom)
    expect(phone.locator(".lesson")).not_to_have_attribute("data-step", str(first))
    answer(phone, classroom)  # the network is back: the second goes through at once
    expect(phone.locator(".sheet h2")).to_have_text("Right")
    expect(phone.get_by_text("You are offline", exact=True)).to_be_hidden()
    assert taken(classroom)[:2] == (2, 1)


def test_what_waits_survives_a_closed_page_and_is_sent_from_the_next_one(classroom: Classroom, phone: Page) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    phone.context.set_offline(True)
    answer(phone, classroom)
    expect(phone.get_by_text("You are offline", exact=True)).to_be_visible()
    phone.close()
    phone.context.set_offline(False)
    other = phone.context.new_page()
    other.goto("/o/host/learning/")
    expect(other.get_by_text("You are offline", exact=True)).to_be_hidden()
    other.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")
    assert taken(classroom)[:2] == (1, 1)


def test_who_leaves_without_a_network_is_told_so_and_loses_neither_the_lesson_nor_what_waits(
    classroom: Classroom, phone: Page
) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    lesson, stop = phone.url, phone.get_by_role("link", name="Stop and keep my place")
    phone.context.set_offline(True)
    answer(phone, classroom)
    step = str(phone.locator(".lesson").get_attribute("data-step"))
    phone.locator("input[name=choice]").nth(1).check()
    stop.click()
    gone = phone.get_by_role("dialog", name="The network is gone")
    again = gone.get_by_role("link", name="Try again")
    expect(again).to_be_focused()
    again.click()
    expect(gone.get_by_text("There is still no network.")).to_be_visible()
    gone.get_by_role("button", name="Stay in the lesson").click()
    expect(gone).to_be_hidden()
    expect(phone.locator(".lesson")).to_have_attribute("data-step", step)
    expect(phone.locator("input[name=choice]").nth(1)).to_be_checked()
    assert phone.url == lesson
    assert phone.evaluate("JSON.parse(localStorage.getItem('causeway-queue')).length") == 1
    stop.click()
    expect(gone).to_be_visible()
    phone.context.set_offline(False)
    phone.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")
    again.click()
    phone.wait_for_url(f"**/learning/{classroom.assignment.pk}/")
    assert taken(classroom)[:2] == (1, 1)


def test_nobody_elses_answers_are_sent_from_a_shared_workstation(
    classroom: Classroom, phone: Page, window: Windows
) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    phone.context.set_offline(True)
    answer(phone, classroom)
    expect(phone.get_by_text("You are offline", exact=True)).to_be_visible()
    colleague = window.open(classroom.world.manager, size=PHONE)
    cookies = [one for one in colleague.context.cookies() if one["name"] == "sessionid"]
    mine = phone.context.cookies()
    phone.close()
    phone.context.set_offline(False)
    phone.context.clear_cookies()
    phone.context.add_cookies(cookies)  # type: ignore[arg-type]
    other = phone.context.new_page()
    posts: list[str] = []
    other.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    other.goto("/o/host/learning/")
    other.wait_for_load_state("networkidle")
    assert (posts, taken(classroom)[0]) == ([], 0)
    phone.context.clear_cookies()
    phone.context.add_cookies(mine)  # type: ignore[arg-type]
    other.goto("/o/host/learning/")
    other.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")
    assert taken(classroom)[0] == 1


def test_what_is_fetched_ahead_says_nothing_of_what_is_right(classroom: Classroom, phone: Page) -> None:
    begin(phone)
    steps = phone.request.get(f"/o/host/learning/{classroom.assignment.pk}/lessons/{LESSON}/ahead/").json()
    assert steps.pop("all") is True
    questions = [html for html in steps.values() if 'name="choice"' in html]
    assert len(questions) == 3
    feedback = [option.feedback for one in classroom.version.content.questions for option in one.answers]
    assert not [text for html in questions for text in feedback if text in html]
    assert not [html for html in questions if "data-ok" in html or "checked" in html]
    assert UUID(re.findall(r'name="token" value="([^"]+)"', questions[0])[0])


@pytest.fixture
def case(classroom: Classroom, phone: Page) -> Case:
    """The practice case of a lesson, before the prescriber, with all of its scenes at hand."""
    steps = readings(classroom.version.content, CASE_LESSON)
    number, found = next((n, one) for n, one in enumerate(steps, start=1) if isinstance(one, Case))
    with scope(classroom.world.host.pk):
        for step in range(number):
            read_on(classroom.assignment, CASE_LESSON, step, by=classroom.learner)
    phone.goto(f"/o/host/learning/{classroom.assignment.pk}/lessons/{CASE_LESSON}/")
    expect(phone.locator("h1")).to_have_text(found.title)
    phone.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/ahead/'))"
    )
    phone.wait_for_load_state("networkidle")
    return found


def test_a_case_is_walked_without_a_network_and_again(case: Case, phone: Page) -> None:
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Do this").click()
    expect(phone.get_by_role("alert").filter(has_text="Choose what you do")).to_be_visible()
    for way in (way_out(case), way_out(case)):
        for choice in way:
            phone.locator(".answers label").nth(choice).click()
            turn(phone, phone.locator(".sheet .btn.primary").click)
        expect(phone.locator(".sheet h2")).to_have_text("The patient is safe")
        turn(phone, phone.get_by_role("link", name="Walk through it again").click)
    assert phone.evaluate("localStorage.getItem('causeway-queue')") in ("[]", None)
    phone.context.set_offline(False)


def test_a_case_is_walked_by_the_keyboard_alone(case: Case, phone: Page) -> None:
    for choice in way_out(case):
        phone.keyboard.press("ABCDEF"[choice])
        turn(phone, lambda: phone.keyboard.press("Enter"))
    expect(phone.locator(".sheet h2")).to_have_text("The patient is safe")
    step = phone.locator(".lesson").get_attribute("data-step")
    go_on_button = phone.get_by_role("button", name="Continue")
    for _ in range(8):
        if go_on_button.evaluate("node => node === document.activeElement"):
            break
        phone.keyboard.press("Tab")
    turn(phone, lambda: phone.keyboard.press("Enter"))
    expect(phone.locator(".lesson")).not_to_have_attribute("data-step", str(step))


def test_an_answer_pressed_after_the_session_ended_waits_until_its_person_is_back(
    classroom: Classroom, phone: Page
) -> None:
    begin(phone)
    to_the_questions(phone, classroom)
    mine = phone.context.cookies()
    phone.context.set_offline(True)
    answer(phone, classroom)
    phone.context.clear_cookies(name="sessionid")
    with phone.expect_response("**/answers/"):
        phone.context.set_offline(False)
    phone.context.add_cookies(mine)  # type: ignore[arg-type]
    phone.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")
    assert taken(classroom)[:2] == (1, 1)
    phone.goto(phone.url)
    phone.context.clear_cookies(name="sessionid")
    key = phone.locator("input[name=question]").get_attribute("value")
    phone.locator(f"input[name=choice][value='{right(classroom, str(key))}']").check()
    phone.locator(".sheet .btn.primary").click()
    phone.wait_for_url("**/accounts/login/**")
    phone.context.add_cookies(mine)  # type: ignore[arg-type]
    phone.goto("/o/host/learning/")
    phone.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")
    assert taken(classroom)[:2] == (2, 1)


def sign_without_network(classroom: Classroom, phone: Page, name: str) -> None:
    """Sign the attestation where there is no network: the signature waits on the device."""
    to_the_signature(classroom, phone)
    phone.context.set_offline(True)
    phone.get_by_label("Your name").fill(name)
    phone.get_by_role("button", name="Sign").click()
    expect(phone.get_by_role("heading", name="Your signature waits on this device")).to_be_visible()


def to_the_signature(classroom: Classroom, phone: Page) -> None:
    """Pass the lessons and open the attestation."""
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    phone.goto(f"/o/host/learning/{classroom.assignment.pk}/attestation/")
    phone.wait_for_load_state("networkidle")


def test_a_signature_waits_for_the_network_and_counts_once(classroom: Classroom, phone: Page) -> None:
    sign_without_network(classroom, phone, "Prescriber Host")
    expect(phone.get_by_label("Your name")).to_be_hidden()
    with scope(classroom.world.host.pk):
        assert (Attestation.objects.count(), Completion.objects.count()) == (0, 0)
    phone.context.set_offline(False)
    expect(phone.get_by_role("link", name="Open certificate (PDF)")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert (Attestation.objects.count(), Completion.objects.count()) == (1, 1)


def test_a_signature_that_waited_says_why_it_was_not_taken(classroom: Classroom, phone: Page) -> None:
    sign_without_network(classroom, phone, "Somebody Else")
    phone.context.set_offline(False)
    expect(phone.locator("[data-queue-refused]")).to_contain_text("Type your name as it stands in your account")
    expect(phone.get_by_label("Your name")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert Attestation.objects.count() == 0


def test_a_text_that_changed_is_on_screen_before_it_is_signed(
    classroom: Classroom, prescriber_course: Course, phone: Page
) -> None:
    to_the_signature(classroom, phone)
    with scope(classroom.world.host.pk):
        worded(classroom, prescriber_course, "1.1", "minor")
    phone.get_by_label("Your name").fill("Prescriber Host")
    phone.get_by_role("button", name="Sign").click()
    expect(phone.get_by_text("The text has changed since you opened it").first).to_be_visible()
    expect(phone.locator("#words-to-sign")).to_have_text(NEW)
    expect(phone.locator("#title-to-sign")).to_contain_text("version 1.1")
    phone.get_by_role("button", name="Sign").click()
    expect(phone.get_by_role("link", name="Open certificate (PDF)")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert Attestation.objects.get().text == NEW


def test_a_signature_that_waited_while_the_text_changed_brings_the_new_text(
    classroom: Classroom, prescriber_course: Course, phone: Page
) -> None:
    sign_without_network(classroom, phone, "Prescriber Host")
    with scope(classroom.world.host.pk):
        worded(classroom, prescriber_course, "1.1", "minor")
    phone.context.set_offline(False)
    expect(phone.locator("[data-queue-refused]")).to_contain_text("The text has changed since you opened it")
    expect(phone.locator("#words-to-sign")).to_have_text(NEW)
    expect(phone.get_by_label("Your name")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert Attestation.objects.count() == 0
