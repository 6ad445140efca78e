"""After a quiz that was not passed, what was wrong is read again before the next attempt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from tenancy.scope import scope
from training.courses.marks import FINAL
from training.courses.shape import Course
from training.learning.actions.answer_quiz import read_again, try_again
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, Attempt, LessonProgress, Reread
from training.learning.models.assignment import NotYours
from training.learning.models.attempt import AnswerRefused
from training.learning.models.reread import left_to_read
from training.learning.steps import readings
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]
LESSON = "who-it-helps"


def remedial(
    classroom: Classroom, course: Course, cards: tuple[int, ...] = (), question: str = "label-first", **parts: object
) -> Assignment:
    """The classroom's assignment in a version that asks for reading again; one question names its cards."""
    questions = tuple(replace(one, cards=cards) if one.key == question else one for one in course.questions)
    changed = replace(course, version="2.0", change="major", remediate=True, questions=questions, **parts)
    adopt_course(changed, by=classroom.manager, source="test")
    return Assignment.objects.select_related("version", "course", "user", "learner").get()


def failed(classroom: Classroom, assignment: Assignment, wrong: str = "label-first") -> LessonProgress:
    progress = classroom.read(LESSON, assignment)
    attempt = Attempt.running(progress)
    assert attempt is not None
    classroom.answer(attempt, wrong=(wrong,), assignment=assignment)
    return progress


def test_the_next_attempt_waits_for_the_named_cards_and_for_nothing_else(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(2, 3))
        progress = failed(classroom, assignment)
        assert left_to_read(progress) == [(LESSON, 2), (LESSON, 3)]
        before = Event.objects.count()
        with pytest.raises(AnswerRefused, match="Read again what was wrong: 2 cards are left"):
            try_again(assignment, LESSON, by=classroom.learner)
        assert (Attempt.objects.count(), Event.objects.count()) == (1, before)
        for place in [(LESSON, 3), (LESSON, 3), (LESSON, 1), ("no-such", 1)]:
            read_again(assignment, LESSON, place, by=classroom.learner)
        assert left_to_read(progress) == [(LESSON, 2)]
        assert Reread.objects.count() == 1
        read_again(assignment, LESSON, (LESSON, 2), by=classroom.learner)
        assert try_again(assignment, LESSON, by=classroom.learner).number == 2


def test_a_question_that_names_no_card_sends_back_to_its_whole_lesson(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        progress = failed(classroom, remedial(classroom, prescriber_course))
        cards = len(next(one for one in prescriber_course.lessons if one.key == LESSON).cards)
        assert left_to_read(progress) == [(LESSON, step) for step in range(1, cards + 1)]


def test_it_stands_beside_the_break_and_each_attempt_asks_anew(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(2,), cool_down_minutes=30)
        progress = failed(classroom, assignment)
        read_again(assignment, LESSON, (LESSON, 2), by=classroom.learner)
        with pytest.raises(AnswerRefused, match="Take a break"):
            try_again(assignment, LESSON, by=classroom.learner)
        with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
            second = try_again(assignment, LESSON, by=classroom.learner)
            classroom.answer(second, wrong=("label-first",), assignment=assignment)
            assert left_to_read(progress) == [(LESSON, 2)]


def test_the_final_test_sends_back_to_the_lessons_of_what_was_wrong(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        final = next(one for one in prescriber_course.questions if one.quiz == "final" and one.critical)
        assignment = remedial(classroom, prescriber_course, cards=(1,), question=final.key)
        for lesson in assignment.version.content_keys[:-1]:
            attempt = Attempt.running(classroom.read(lesson, assignment))
            assert attempt is not None
            classroom.answer(attempt, assignment=assignment)
        progress = classroom.read(FINAL, assignment)
        attempt = Attempt.running(progress)
        assert attempt is not None
        classroom.answer(attempt, wrong=(final.key,), assignment=assignment)
        assert left_to_read(progress) == [(final.lesson, 1)]


def test_a_new_version_of_the_course_asks_for_no_card_that_may_be_gone(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(2,))
        failed(classroom, assignment)
        adopt_course(
            replace(assignment.version.content, version="2.1", change="minor"), by=classroom.manager, source="t"
        )
        moved = Assignment.objects.select_related("version", "course", "user", "learner").get()
        assert try_again(moved, LESSON, by=classroom.learner).number == 2


def test_nobody_reads_again_for_somebody_else(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(2,))
        failed(classroom, assignment)
        with pytest.raises(NotYours):
            read_again(assignment, LESSON, (LESSON, 2), by=classroom.manager)
        assert not Reread.objects.exists()


def test_without_script_the_result_leads_through_the_cards_to_the_next_attempt(
    classroom: Classroom, prescriber_course: Course, client_of: ClientOf
) -> None:
    with scope(classroom.world.host.pk):
        assignment = remedial(classroom, prescriber_course, cards=(2, 3))
        failed(classroom, assignment)
    client = client_of(classroom.world.learner)
    lesson = f"/o/host/learning/{assignment.pk}/lessons/{LESSON}/"
    result = client.get(lesson).content.decode()
    assert "The next attempt opens when you have read 2 cards again." in result
    assert f'action="{lesson}attempts/"' not in result
    client.post(f"{lesson}attempts/", {})
    with scope(classroom.world.host.pk):
        assert Attempt.objects.count() == 1
        titles = [card.title for card in readings(prescriber_course, LESSON)[1:3]]
    for step, title in enumerate(titles, start=2):
        page = client.get(f"{lesson}review/").content.decode()
        assert f"<h1>{title}</h1>" in page
        assert client.post(f"{lesson}review/", {"place": f"{LESSON}/{step}"}).url == f"{lesson}review/"
    assert client.get(f"{lesson}review/").url == lesson
    assert f'action="{lesson}attempts/"' in client.get(lesson).content.decode()
    assert client.post(f"{lesson}review/", {"place": "\x00/9999"}).status_code == 302
