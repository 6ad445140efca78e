"""A learner's whole way on a phone in Arabic, right to left, with the network cut in the middle."""

import re
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import PATIENCE, PHONE, Windows, turn
from training.courses.models import CourseTranslation
from training.courses.shape import Course, Lesson, Question
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Answer, Assignment, Attempt, Completion
from training.learning.tests.classroom import Classroom

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
NETWORK = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|: htmx:(afterRequest|sendError)")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def short(course: Course) -> Course:
    """The prescriber's first two lessons, without practice and final test."""
    lessons = course.lessons[:2]
    keys = tuple(one.key for one in lessons)
    return replace(
        course, version="2.0", change="major", lessons=lessons, cases=(), final_minutes=0, media=(),
        minutes=sum(one.minutes for one in lessons), modules=(replace(course.modules[0], lessons=keys),),
        questions=tuple(one for one in course.questions if one.lesson in keys and one.quiz == "lesson"),
    )  # fmt: skip


def in_arabic(course: Course) -> Course:
    """The same course in Arabic words."""

    def lesson(number: int, one: Lesson) -> Lesson:
        cards = tuple(
            replace(
                card, title=f"البطاقة {place}",
                blocks=tuple(replace(block, title=block.title and "انتبه", markdown="اقرأ هذا ثم تابع.") for block in card.blocks),
            )
            for place, card in enumerate(one.cards, start=1)
        )  # fmt: skip
        return replace(one, title=f"الدرس {number}", cards=cards)

    def question(number: int, one: Question) -> Question:
        answers = tuple(
            replace(each, text=f"الجواب رقم {place}", feedback="هذا هو السبب.")
            for place, each in enumerate(one.answers, 1)
        )
        return replace(one, prompt=f"السؤال {number}: ماذا تفعل أولاً؟", answers=answers)

    assert course.attestation
    return replace(
        course, language="ar", translation_of=course.sha256, title="بروتوكول المخاطر", summary="كيف تتصرف عند الخطر.",
        lessons=tuple(lesson(number, one) for number, one in enumerate(course.lessons, start=1)),
        questions=tuple(question(number, one) for number, one in enumerate(course.questions, start=1)),
        attestation=replace(course.attestation, title="أتعهد باتباع البروتوكول", text="أعرف البروتوكول وسأتبعه."),
        modules=tuple(replace(one, title="الوحدة الأولى") for one in course.modules),
    )  # fmt: skip


@pytest.fixture
def course(classroom: Classroom, prescriber_course: Course) -> Course:
    """The short course and its translation, adopted; the learner speaks Arabic."""
    found = short(prescriber_course)
    with scope(classroom.world.host.pk):
        adopt_course(found, by=classroom.manager, source="test")
        CourseTranslation.take(in_arabic(found), by=classroom.manager)
    classroom.world.learner.language = "ar"
    classroom.world.learner.save(update_fields=["language"])
    return found


@pytest.fixture
def phone(classroom: Classroom, course: Course, window: Windows) -> Any:
    yield window.open(classroom.world.learner, size=PHONE)
    window.problems[:] = [one for one in window.problems if not NETWORK.search(one)]


def look(page: Page) -> None:
    """Right to left, nothing off the side, no violation."""
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def go_on(page: Page) -> None:
    turn(page, page.locator(".sheet .btn.primary").click)


def read(page: Page, cards: int) -> None:
    """Put so many cards behind."""
    for _ in range(cards):
        go_on(page)


def answer(page: Page, course: Course) -> None:
    """Answer the question on screen rightly."""
    key = page.locator("input[name=question]").get_attribute("value")
    found = next(one for one in course.questions if one.key == key)
    for number, option in enumerate(found.answers):
        if option.correct:
            page.locator(f"input[name=choice][value='{number}']").check()
    go_on(page)


def asked(course: Course, lesson: int) -> int:
    return sum(one.lesson == course.lessons[lesson].key for one in course.questions)


def test_from_the_first_card_to_the_certificate_with_the_network_gone_in_between(
    classroom: Classroom, course: Course, phone: Page
) -> None:
    first, second = course.lessons
    phone.goto("/o/host/learning/")
    look(phone)
    with phone.expect_navigation():
        phone.locator(".up-next .btn").click()
    expect(phone.locator("h1")).to_have_text("البطاقة 1")
    look(phone)

    # The first lesson with a network: what an answer teaches is said at once.
    read(phone, len(first.cards))
    for number in range(asked(course, 0)):
        answer(phone, course)
        expect(phone.locator(".sheet h2")).to_have_text("صحيح")
        if number == 0:
            look(phone)
        go_on(phone)
    expect(phone.locator(".note[data-s=done] h2")).to_have_text("اجتزت بنسبة 100 %")

    # In the second it goes after the first card; reading and answering go on, and everything arrives once.
    with phone.expect_navigation():
        phone.locator(".sheet .btn.primary").click()
    with phone.expect_response(lambda given: given.url.endswith("/ahead/") and given.json()["all"]):
        go_on(phone)
    phone.context.set_offline(True)
    read(phone, len(second.cards) - 1)
    for number in range(asked(course, 1)):
        if number == 0:
            look(phone)
        answer(phone, course)
    expect(phone.locator(".lesson[data-wait]")).to_be_visible()
    look(phone)
    with scope(classroom.world.host.pk):
        assert Answer.objects.count() == asked(course, 0)
    phone.context.set_offline(False)
    expect(phone.locator(".note[data-s=done] h2")).to_have_text("اجتزت بنسبة 100 %", timeout=PATIENCE)

    # The signature, and the page that stays.
    with phone.expect_navigation():
        phone.locator(".sheet .btn.primary").click()
    expect(phone.locator("h1")).to_have_text("أتعهد باتباع البروتوكول")
    look(phone)
    phone.locator("input[name=typed_name]").fill("Prescriber Host")
    with phone.expect_navigation():
        phone.locator("form.form button[type=submit]").click()
    expect(phone.locator(".note[data-s=done] h2")).to_be_visible()
    look(phone)
    with scope(classroom.world.host.pk):
        assert (Answer.objects.count(), Attempt.objects.count()) == (len(course.questions), 2)
        assert Completion.objects.get().assignment_id == Assignment.objects.get().pk
