"""Reading, answering and passing."""

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from audit.models import Event
from tenancy.scope import scope
from training.learning.actions.answer_quiz import answer_question, attest, read_on, try_again
from training.learning.models import (
    Answer,
    Attempt,
    AttemptResult,
    Attestation,
    Completion,
    LessonProgress,
)
from training.learning.models.assignment import NotYours
from training.learning.models.attempt import AnswerRefused
from training.learning.models.attestation import NotSigned
from training.learning.tests.classroom import Classroom

LESSON = "who-it-helps"


def begin(classroom: Classroom, lesson: str = LESSON) -> Attempt:
    attempt = Attempt.running(classroom.read(lesson))
    assert attempt is not None
    return attempt


def test_the_place_is_kept_card_by_card_and_no_step_can_be_skipped(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        read_on(classroom.assignment, LESSON, 0, by=classroom.learner)
        read_on(classroom.assignment, LESSON, 1, by=classroom.learner)
        read_on(classroom.assignment, LESSON, 0, by=classroom.learner)
        assert LessonProgress.objects.get().steps_read == 1
        with pytest.raises(ValueError, match="cannot be reached"):
            read_on(classroom.assignment, LESSON, 3, by=classroom.learner)
        assert LessonProgress.objects.get().steps_read == 1


def test_all_right_passes_the_lesson_with_its_score(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        classroom.answer(begin(classroom))
        progress = LessonProgress.objects.get()
        assert (progress.passed_at is not None, progress.score) == (True, 100)
        assert Event.objects.filter(action="lesson.passed").count() == 1


def test_below_the_pass_mark_fails_and_a_new_attempt_leaves_the_old_answers(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        first = begin(classroom)
        classroom.answer(first, wrong=(first.questions[0]["key"],))
        result = AttemptResult.objects.get()
        assert (result.passed, result.right, result.total) == (False, 2, 3)
        assert LessonProgress.objects.get().passed_at is None
        second = try_again(classroom.assignment, LESSON, by=classroom.learner)
        assert second.number == 2
        assert Answer.objects.filter(attempt=first).count() == 3
        classroom.answer(second)
        assert LessonProgress.objects.get().score == 100


def test_one_critical_question_wrong_fails_whatever_the_score(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        attempt = begin(classroom, "introduce-and-consent")
        assert len(attempt.questions) >= 3
        classroom.answer(attempt, wrong=("who-is-watching",))
        result = AttemptResult.objects.get()
        assert (result.critical_missed, result.passed) == (1, False)


def test_a_double_submit_and_a_replay_neither_lose_nor_double(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        attempt = begin(classroom)
        key, token, by = attempt.questions[0]["key"], uuid4(), classroom.learner
        first = answer_question(classroom.assignment, attempt, key, [0], token=token, by=by)
        assert answer_question(classroom.assignment, attempt, key, [0], token=token, by=by).pk == first.pk
        assert answer_question(classroom.assignment, attempt, key, [1], token=uuid4(), by=by).pk == first.pk
        assert list(Answer.objects.values_list("chosen", flat=True)) == [[0]]


def test_a_token_cannot_answer_a_second_question(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        attempt, token = begin(classroom), uuid4()
        answer_question(
            classroom.assignment, attempt, attempt.questions[0]["key"], [0], token=token, by=classroom.learner
        )
        with pytest.raises(AnswerRefused, match="sent before"):
            answer_question(
                classroom.assignment, attempt, attempt.questions[1]["key"], [0], token=token, by=classroom.learner
            )
        assert Answer.objects.count() == 1


@pytest.mark.parametrize(
    ("chosen", "says"), [([], "Choose an answer"), ([9], "not part of the question"), ([0, 1], "choose one")]
)
def test_a_choice_that_cannot_be_is_refused(classroom: Classroom, chosen: list[int], says: str) -> None:
    with scope(classroom.world.host.pk):
        attempt = begin(classroom)
        with pytest.raises(AnswerRefused, match=says):
            answer_question(classroom.assignment, attempt, "label-first", chosen, token=uuid4(), by=classroom.learner)
        assert not Answer.objects.exists()


def test_nobody_answers_or_signs_for_somebody_else(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        attempt = begin(classroom)
        with pytest.raises(NotYours):
            answer_question(classroom.assignment, attempt, "label-first", [0], token=uuid4(), by=classroom.manager)
        with pytest.raises(NotYours):
            attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.manager)
        assert not Answer.objects.exists()
        assert not Attestation.objects.exists()


@pytest.mark.parametrize("table", ["learning_attempt", "learning_answer", "learning_attemptresult"])
@pytest.mark.parametrize("statement", ["update {} set organization_id = organization_id", "delete from {}"])
def test_the_database_lets_no_answer_be_changed_or_deleted(classroom: Classroom, table: str, statement: str) -> None:
    with scope(classroom.world.host.pk):
        classroom.answer(begin(classroom))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement.format(table))


def test_passing_everything_and_signing_completes_the_course_for_a_year(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        assert not Completion.objects.exists()
        with pytest.raises(NotSigned, match="Type your name as it stands in your account: Prescriber Host"):
            attest(classroom.assignment, typed_name="Somebody", address=None, device="", by=classroom.learner)
        assert not Attestation.objects.exists()
        signed = attest(
            classroom.assignment,
            typed_name=" prescriber host ",
            address="192.0.2.7",
            device="Phone",
            by=classroom.learner,
        )
        assert "within 10 minutes" in signed.text
        assert (signed.address, signed.device, signed.sha256) == ("192.0.2.7", "Phone", signed.digest())
        completion = Completion.objects.get()
        assert completion.printed_name == "Prescriber Host"
        assert (completion.expires_on.year, completion.expires_on.month) == (
            completion.passed_at.year + 1,
            completion.passed_at.month,
        )
        assert Event.objects.filter(action="completion.reached").count() == 1


def test_signing_twice_is_signing_once(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        for _ in range(2):
            attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        assert Attestation.objects.count() == 1
