"""What a wave learned, carried to the next one."""

from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.deployments.models import Wave
from onboarding.plans import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class Learned(TenantModel):
    """A lesson of one wave and what the next one does about it. Who derives from it has a `wave`."""

    LEARNED: ClassVar[Action]
    TAKEN_UP: ClassVar[Action]

    wave: Any
    text = models.CharField(max_length=500)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=500, blank=True, help_text="What the next wave does about it")
    answered_by_id = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = True

    @classmethod
    @transaction.atomic
    def learn(cls, wave: Any, text: str, *, by: Actor) -> Self:
        """Write down what a wave learned; the same words again change nothing. Raises ValueError for no words."""
        if not text.strip():
            raise ValueError("Write what the next wave should know.")
        standing: Self | None = cls.objects.filter(wave=wave, text=text.strip()).first()
        if standing:
            return standing
        lesson = cls(wave=wave, text=text.strip(), by_id=by.id)
        lesson.save(force_insert=True)
        record(cls.LEARNED, by=by, subject=lesson, title=wave.title)
        return lesson

    @transaction.atomic
    def take_up(self, answer: str, *, by: Actor) -> None:
        """Say what the next wave does about it; raise ValueError for no words."""
        if not answer.strip():
            raise ValueError("Say what this wave does about the lesson.")
        lesson = self.locked(self.pk)
        if lesson.answer == answer.strip():
            return
        lesson.answer, lesson.answered_by_id, lesson.answered_at = answer.strip(), by.id, timezone.now()
        lesson.save(update_fields=["answer", "answered_by_id", "answered_at"])
        record(self.TAKEN_UP, by=by, subject=lesson, title=lesson.wave.title)


class Lesson(Learned):
    """A lesson of a wave of a program."""

    LEARNED, TAKEN_UP = audit.LESSON_LEARNED, audit.LESSON_TAKEN_UP

    wave: Any = TenantForeignKey(Wave, on_delete=models.PROTECT, related_name="lessons")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "wave", "at"], name="lesson_in_order")]
