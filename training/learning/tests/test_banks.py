"""Item banks, the break after a failed attempt, and what is drawn next."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tenancy.scope import scope
from training.courses.marks import FINAL
from training.courses.shape import Course
from training.learning.actions.answer_quiz import try_again
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, Attempt
from training.learning.models.attempt import AnswerRefused, asked
from training.learning.tests.classroom import Classroom


def changed(classroom: Classroom, course: Course, **parts: object) -> Assignment:
    """The classroom's assignment in a new version of the course."""
    adopt_course(replace(course, version="2.0", change="major", **parts), by=classroom.manager, source="test")
    return Assignment.objects.select_related("version", "course", "user", "learner").get()


def banked(classroom: Classroom, course: Course, draw: int) -> Assignment:
    modules = tuple(replace(one, draw=draw) if one.pass_mark < 100 else one for one in course.modules)
    return changed(classroom, course, modules=modules)


def test_a_bank_gives_as_many_as_it_should_and_every_critical_one(
    classroom: Classroom, prescriber_course: Course
) -> None:
    with scope(classroom.world.host.pk):
        assignment = banked(classroom, prescriber_course, 2)
        bank = asked(prescriber_course, "introduce-and-consent")
        critical = {one.key for one in bank if one.critical}
        attempt = Attempt.running(classroom.read("introduce-and-consent", assignment))
        drawn = [entry["key"] for entry in attempt.questions]
        assert (len(drawn), critical <= set(drawn)) == (2, True)
        assert len(bank) > 2
        classroom.answer(attempt, assignment=assignment)
        assert attempt.progress.attempts.get().result.get().total == 2


def test_the_next_attempt_asks_first_what_was_not_asked_before(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        assignment = banked(classroom, prescriber_course, 1)
        bank = {one.key for one in asked(prescriber_course, "who-it-helps")}
        seen: set[str] = set()
        attempt = Attempt.running(classroom.read("who-it-helps", assignment))
        for _ in range(2):
            [entry] = attempt.questions
            assert entry["key"] not in seen
            seen.add(entry["key"])
            classroom.answer(attempt, wrong=(entry["key"],), assignment=assignment)
            attempt = try_again(assignment, "who-it-helps", by=classroom.learner)
        assert seen <= bank
        assert Attempt.objects.count() == 3


def test_a_break_after_a_failed_attempt_is_kept_and_then_over(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        assignment = changed(classroom, prescriber_course, cool_down_minutes=30)
        attempt = Attempt.running(classroom.read("who-it-helps", assignment))
        classroom.answer(attempt, wrong=tuple(entry["key"] for entry in attempt.questions), assignment=assignment)
        with pytest.raises(AnswerRefused, match="Take a break: the next attempt begins at"):
            try_again(assignment, "who-it-helps", by=classroom.learner)
        assert Attempt.objects.count() == 1
        with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
            assert try_again(assignment, "who-it-helps", by=classroom.learner).number == 2


def test_a_final_test_draws_from_its_own_bank(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        bank = asked(prescriber_course, FINAL)
        critical = sum(one.critical for one in bank)
        assignment = changed(classroom, prescriber_course, final_draw=max(critical, 3))
        classroom.pass_lessons(assignment)
        attempt = Attempt.objects.get(progress__lesson=FINAL)
        assert len(attempt.questions) == max(critical, 3) < len(bank)
