"""What is read again after a quiz that was not passed, where the course asks for it before the next attempt."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.courses.shape import Card
from training.learning.models.attempt import Attempt, AttemptResult
from training.learning.models.progress import LessonProgress
from training.learning.steps import readings

Place = tuple[str, int]
"""A lesson's key, and the number of one of its cards."""


class Reread(TenantModel):
    """One card that was read again because of one attempt."""

    append_only = True
    part_of = "attempt"

    attempt: Any = TenantForeignKey(Attempt, on_delete=models.PROTECT, related_name="reread")
    lesson = models.CharField(max_length=80)
    step = models.PositiveSmallIntegerField()
    read_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "attempt", "lesson", "step"], name="reread_once")
        ]

    @classmethod
    @transaction.atomic
    def note(cls, progress: LessonProgress, place: Place, *, by: Actor) -> None:
        """Put a card behind the learner; again, or one that nobody asked for, changes nothing."""
        progress.assignment.demand_own(by)
        attempt = Attempt.last(progress)
        if attempt and place in left_to_read(progress):
            cls.objects.get_or_create(attempt=attempt, lesson=place[0], step=place[1])


def wanted_again(progress: LessonProgress) -> list[Place]:
    """Return the cards that the last attempt sends back to, in the order of the course; none after one that passed.

    A wrong answer names its lesson, or the cards of it that its question names. A course that has a new version since
    asks nothing: what the answer was about may not stand there any more.
    """
    attempt = Attempt.last(progress)
    content = progress.assignment.version.content
    if attempt is None or not content.remediate or attempt.version_id != progress.assignment.version_id:
        return []
    if not AttemptResult.objects.filter(attempt=attempt, passed=False).exists():
        return []
    wanted: set[Place] = set()
    for key in attempt.answers.filter(correct=False).values_list("question", flat=True):
        question = attempt.question(key)
        cards = [step for step, one in enumerate(readings(content, question.lesson), start=1) if isinstance(one, Card)]
        wanted |= {(question.lesson, step) for step in question.cards or cards}
    order = [lesson for module in content.modules for lesson in module.lessons]
    return sorted(wanted, key=lambda place: (order.index(place[0]), place[1]))


def left_to_read(progress: LessonProgress) -> list[Place]:
    """Return what of it was not read again yet."""
    wanted = wanted_again(progress)
    if not wanted:
        return []
    attempt = Attempt.last(progress)
    done = set(Reread.objects.filter(attempt=attempt).values_list("lesson", "step"))
    return [place for place in wanted if place not in done]
