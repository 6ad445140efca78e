"""An attempt at a quiz: its questions, its answers and its result are written once and never changed."""

import random
from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.courses import shape
from training.courses.marks import FINAL
from training.courses.models import CourseVersion
from training.learning import audit
from training.learning.models.assignment import Assignment
from training.learning.models.progress import LessonProgress
from web.formats import moment
from web.language import counted


class AnswerRefused(ValueError):
    """An answer cannot be taken; the message says why, and nothing was written."""


def asked(course: shape.Course, lesson: str) -> list[shape.Question]:
    """Return the questions of a lesson's quiz, or of the final test."""
    if lesson == FINAL:
        return [question for question in course.questions if question.quiz == "final"]
    return [question for question in course.questions if question.quiz == "lesson" and question.lesson == lesson]


def draw_of(course: shape.Course, lesson: str) -> int:
    """Return how many questions of the bank are asked; 0: all of them."""
    if lesson == FINAL:
        return course.final_draw
    return next((module.draw for module in course.modules if lesson in module.lessons), 0)


def drawn(bank: list[shape.Question], count: int, before: Container[str], luck: random.Random) -> list[shape.Question]:
    """Draw `count` of a bank (0: all), in its order: the critical ones always, then those that were not asked `before`."""
    if not count:
        return bank
    ranked = sorted(bank, key=lambda one: (not one.critical, one.key in before, luck.random()))
    chosen = {question.key for question in ranked[:count]}
    return [question for question in bank if question.key in chosen]


def pass_mark(course: shape.Course, lesson: str) -> int:
    """Return the percentage that passes: the module's for a lesson, the course's for the final test."""
    return next((module.pass_mark for module in course.modules if lesson in module.lessons), course.pass_mark)


class Attempt(TenantModel):
    """One go at a quiz, with the order in which its questions and their answers were shown."""

    append_only = True
    part_of = "progress"

    progress: Any = TenantForeignKey(LessonProgress, on_delete=models.PROTECT, related_name="attempts")
    version: Any = TenantForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    questions = models.JSONField(help_text="Question keys in order, each with the order of its answers")
    started_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "progress", "number"], name="attempt_number_once")
        ]

    @classmethod
    @transaction.atomic
    def start(cls, progress: LessonProgress, *, by: Actor) -> "Attempt":
        """Begin an attempt, or return the one that is running; raise AnswerRefused where there is nothing to ask."""
        progress.assignment.demand_own(by)
        assignment = Assignment.locked(progress.assignment_id)
        running = cls.running(progress)
        if running:
            return running
        version = assignment.version
        questions = asked(version.content, progress.lesson)
        if not questions:
            raise AnswerRefused(_("This lesson has no questions."))
        if LessonProgress.objects.filter(pk=progress.pk).passed().exists():
            raise AnswerRefused(_("This quiz is passed already."))
        if until := cls.rests_until(progress):
            raise AnswerRefused(
                _("Take a break: the next attempt begins at %(time)s. Read the lesson again until then.")
                % {"time": moment(timezone.localtime(until))}
            )
        cls._demand_reread(progress)
        luck = random.SystemRandom()
        last = cls.last(progress)
        before = {entry["key"] for entry in last.questions} if last else set()
        order = []
        for question in drawn(questions, draw_of(version.content, progress.lesson), before, luck):
            answers = list(range(len(question.answers)))
            luck.shuffle(answers)
            order.append({"key": question.key, "answers": answers})
        if progress.is_final:
            luck.shuffle(order)
        attempt = cls(progress=progress, version=version, number=progress.attempts.count() + 1, questions=order)
        attempt.save(force_insert=True)
        return attempt

    @classmethod
    def _demand_reread(cls, progress: LessonProgress) -> None:
        from training.learning.models.reread import left_to_read

        if left := len(left_to_read(progress)):
            raise AnswerRefused(
                counted(
                    "Read again what was wrong: %(num)s card is left.",
                    "Read again what was wrong: %(num)s cards are left.",
                    left,
                )
            )

    @classmethod
    def rests_until(cls, progress: LessonProgress) -> datetime | None:
        """Return when the next attempt may begin after one that did not pass; None: at once."""
        minutes = progress.assignment.version.content.cool_down_minutes
        failed = AttemptResult.objects.filter(attempt__progress=progress, passed=False).order_by("finished_at").last()
        until = failed.finished_at + timedelta(minutes=minutes) if failed else None
        return until if until and until > timezone.now() else None

    @classmethod
    def running(cls, progress: LessonProgress) -> "Attempt | None":
        """Return the attempt that has no result yet."""
        return cls.objects.filter(progress=progress, result__isnull=True).order_by("-number").first()

    @classmethod
    def last(cls, progress: LessonProgress) -> "Attempt | None":
        """Return the newest attempt, finished or not."""
        return cls.objects.filter(progress=progress).order_by("-number").first()

    def question(self, key: str) -> shape.Question:
        """Return a question of this attempt; raise AnswerRefused for any other."""
        if key in {entry["key"] for entry in self.questions}:
            for question in self.version.content.questions:
                if question.key == key:
                    return question  # type: ignore[no-any-return]
        raise AnswerRefused(_("This question is not part of the attempt."))

    @transaction.atomic
    def answer(self, key: str, chosen: list[int], *, token: UUID, by: Actor) -> "Answer":
        """Take an answer, once: a replay of the token and a second answer both return the first, unchanged.

        The answer to the last open question brings the result with it. Raises AnswerRefused for no choice, a choice
        that does not exist, or more than one where one is right.
        """
        self.progress.assignment.demand_own(by)
        Assignment.locked(self.progress.assignment_id)
        question = self.question(key)
        standing: Answer | None = Answer.objects.filter(attempt=self, question=key).first()
        if standing:
            return standing
        picked = sorted(set(chosen))
        if not picked:
            raise AnswerRefused(_("Choose an answer, then check it."))
        if not all(0 <= number < len(question.answers) for number in picked):
            raise AnswerRefused(_("This answer is not part of the question."))
        if question.kind == "single" and len(picked) > 1:
            raise AnswerRefused(_("Only one answer is right here: choose one."))
        right = [number for number, option in enumerate(question.answers) if option.correct]
        row = Answer(attempt=self, question=key, chosen=picked, correct=picked == right, token=token)
        if Answer.objects.filter(token=token).exists():
            raise AnswerRefused(_("This answer was sent before, for another question. Load the page again."))
        row.save(force_insert=True)
        if Answer.objects.filter(attempt=self).count() == len(self.questions):
            self._finish(by)
        return row

    def _finish(self, by: Actor) -> None:
        answers = list(Answer.objects.filter(attempt=self))
        right = sum(answer.correct for answer in answers)
        missed = sum(not answer.correct and self.question(answer.question).critical for answer in answers)
        needed = pass_mark(self.version.content, self.progress.lesson)
        passed = missed == 0 and right * 100 >= needed * len(answers)
        AttemptResult(attempt=self, right=right, total=len(answers), critical_missed=missed, passed=passed).save(
            force_insert=True
        )
        if passed:
            self.progress.mark_passed(right * 100 // len(answers), by=by)
        else:
            record(
                audit.ATTEMPT_FAILED,
                by=by,
                subject=self,
                deployment_id=self.progress.assignment.deployment_id,
                lesson=self.progress.lesson,
                course=self.progress.assignment.course.title,
                number=self.number,
            )


class Answer(TenantModel):
    """What was chosen; the numbers are those of the course's document, whatever the order on screen."""

    append_only = True
    part_of = "attempt"

    attempt: Any = TenantForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=80)
    chosen = ArrayField(models.PositiveSmallIntegerField())
    correct = models.BooleanField()
    token = models.UUIDField(help_text="Made by the page: a replay is the same answer")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "attempt", "question"], name="answer_once"),
            models.UniqueConstraint(fields=["organization", "token"], name="answer_token_once"),
        ]


class AttemptResult(TenantModel):
    """How a finished attempt came out."""

    append_only = True
    part_of = "attempt"

    attempt: Any = TenantForeignKey(Attempt, on_delete=models.PROTECT, related_name="result")
    right = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    critical_missed = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "attempt"], name="attempt_result_once")]

    @property
    def percent(self) -> int:
        """The score, rounded down."""
        return self.right * 100 // self.total
