"""Cards to be read again on a phone whose network goes: they are at hand as soon as the result is."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import turn
from training.courses.shape import Course
from training.learning.actions.answer_quiz import answer_question
from training.learning.models import Attempt, Reread
from training.learning.steps import readings
from training.learning.tests.classroom import Classroom
from training.learning.tests.test_flaky_network import LESSON, go_on, phone, right
from training.learning.tests.test_reread import remedial

__all__ = ["phone"]

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]


def fetched(page: Page, times: int) -> None:
    """Wait until the rest of the lesson was fetched so often since the page was loaded."""
    page.wait_for_function(
        "times => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/ahead/')).length >= times",
        arg=times,
    )


@pytest.fixture
def titles(classroom: Classroom, prescriber_course: Course, phone: Page) -> list[str]:
    """The cards that a wrong answer sends back to; the phone shows the result, which came without a new page."""
    missed = [one for one in prescriber_course.questions if one.quiz == "lesson" and one.lesson == LESSON][-1]
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(1, 2, 3), question=missed.key)
        attempt = Attempt.running(classroom.read(LESSON, assignment))
        assert attempt is not None
        for entry in attempt.questions[:-1]:
            choice = [int(right(classroom, entry["key"]))]
            answer_question(assignment, attempt, entry["key"], choice, token=uuid4(), by=classroom.learner)
    wrong = next(number for number, option in enumerate(missed.answers) if not option.correct)
    phone.goto(f"/o/host/learning/{assignment.pk}/lessons/{LESSON}/")
    expect(phone.locator("input[name=question]")).to_have_value(missed.key)
    fetched(phone, 1)
    phone.locator(f"input[name=choice][value='{wrong}']").check()
    go_on(phone)
    expect(phone.locator(".sheet h2")).to_have_text("Not right")
    turn(phone, phone.get_by_role("link", name="Continue").click)
    fetched(phone, 2)
    return [card.title for card in readings(prescriber_course, LESSON)[:3]]


def test_the_cards_are_read_again_without_a_network(classroom: Classroom, titles: list[str], phone: Page) -> None:
    phone.context.set_offline(True)
    turn(phone, phone.get_by_role("link", name="Read again what was wrong").click)
    for title in titles:
        expect(phone.locator("h1")).to_have_text(title)
        go_on(phone)
    expect(phone.get_by_role("heading", name="The network is gone")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="Try again")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert Reread.objects.count() == 3


def test_a_card_that_was_read_before_the_network_went_does_not_come_again(
    classroom: Classroom, titles: list[str], phone: Page
) -> None:
    turn(phone, phone.get_by_role("link", name="Read again what was wrong").click)
    expect(phone.locator("h1")).to_have_text(titles[0])
    go_on(phone)
    expect(phone.locator("h1")).to_have_text(titles[1])
    fetched(phone, 3)
    phone.context.set_offline(True)
    go_on(phone)
    expect(phone.locator("h1")).to_have_text(titles[2])
    go_on(phone)
    expect(phone.get_by_role("heading", name="The network is gone")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="Try again")).to_be_visible()
    with scope(classroom.world.host.pk):
        assert Reread.objects.count() == 3
