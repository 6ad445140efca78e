"""How far a learner is in a lesson: where they come back to."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.courses.marks import FINAL
from training.learning import audit
from training.learning.models.assignment import Assignment


class ProgressQuerySet(TenantQuerySet["LessonProgress"]):
    """Named filters over progress."""

    def of_round(self, assignment: Assignment) -> "ProgressQuerySet":
        """What was done in the assignment's present round."""
        return self.filter(assignment=assignment, cycle=assignment.cycle)

    def passed(self) -> "ProgressQuerySet":
        """Lessons that were passed."""
        return self.exclude(passed_at=None)


class LessonProgress(TenantModel):
    """One lesson in one round under one mark: a lesson that changed is begun anew, and the old row stays."""

    part_of = "assignment"

    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="progress")
    lesson = models.CharField(max_length=80, help_text="The lesson's key, or final")
    mark = models.CharField(max_length=20)
    cycle = models.PositiveSmallIntegerField()
    steps_read = models.PositiveSmallIntegerField(default=0, help_text="Cards and cases that lie behind the learner")
    started_at = models.DateTimeField(default=timezone.now)
    passed_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True, help_text="Percent of the attempt that passed")

    objects = TenantManager.from_queryset(ProgressQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "assignment", "lesson", "mark", "cycle"], name="lesson_progress_once"
            )
        ]

    @classmethod
    @transaction.atomic
    def open(cls, assignment: Assignment, lesson: str, *, by: Actor) -> "LessonProgress":
        """Begin a lesson of the present version, or return where the learner stands.

        Raises KeyError for a lesson the version does not have, NotYours for anybody but the learner.
        """
        assignment.demand_own(by)
        locked = Assignment.locked(assignment.pk)
        mark = locked.version.marks[lesson]
        row, _ = cls.objects.get_or_create(assignment=locked, lesson=lesson, mark=mark, cycle=locked.cycle)
        return row

    @transaction.atomic
    def reach(self, step: int, *, by: Actor) -> None:
        """Remember that the first `step` cards and cases lie behind the learner; going back takes nothing away."""
        self.assignment.demand_own(by)
        row = self.locked(self.pk)
        if step <= row.steps_read:
            return
        row.steps_read = self.steps_read = step
        row.save(update_fields=["steps_read"])

    @transaction.atomic
    def mark_passed(self, score: int | None, *, by: Actor) -> None:
        """Record the lesson as passed, once."""
        row = self.locked(self.pk)
        if row.passed_at:
            return
        row.passed_at, row.score = timezone.now(), score
        row.save(update_fields=["passed_at", "score"])
        record(
            audit.LESSON_PASSED,
            by=by,
            subject=row,
            deployment_id=row.assignment.deployment_id,
            lesson=row.lesson,
            course=row.assignment.course.title,
        )
        self.passed_at, self.score = row.passed_at, score

    @property
    def is_final(self) -> bool:
        """Whether this is the final test."""
        return self.lesson == FINAL
