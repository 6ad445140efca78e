"""How a wave is run: canary sites first, then the others; halted by itself when something goes wrong."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, Wave
from onboarding.plans import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class WaveRefused(ValueError):
    """A wave cannot go on; the message says why and what would change it."""


class WaveRun(TenantModel):
    """The rules of one wave and where it stands. A wave without any has no rules: its sites go live on their own."""

    class State(models.TextChoices):
        """Where the wave is."""

        WAITING = "waiting", "Waits for its start"
        CANARY = "canary", "Canary sites"
        EXPANDING = "expanding", "All sites"
        HALTED = "halted", "Halted"
        DONE = "done", "Done"

    MOVES: dict[str, set[str]] = {
        State.WAITING: {State.CANARY, State.EXPANDING},
        State.CANARY: {State.EXPANDING, State.HALTED},
        State.EXPANDING: {State.DONE, State.HALTED},
        State.HALTED: {State.CANARY, State.EXPANDING},
        State.DONE: set(),
    }

    wave: Any = TenantForeignKey(Wave, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    canaries = ArrayField(models.UUIDField(), default=list, help_text="Deployments that go first")
    stable_days = models.PositiveSmallIntegerField(
        default=14, help_text="Calendar days that canary sites are live before the others follow"
    )
    criteria = ArrayField(models.CharField(max_length=24), default=list, help_text="Keys of plans.criteria")
    halted_at = models.DateTimeField(null=True)
    halted_because = ArrayField(models.CharField(max_length=300), default=list)
    halted_in = models.CharField(max_length=9, blank=True, help_text="The state it goes back to")
    started_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "wave"], name="wave_run_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "canary", "expanding", "halted", "done"]), name="wave_run_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="halted") | ~Q(halted_because=[]), name="wave_run_halted_because"
            ),
        ]

    @classmethod
    @transaction.atomic
    def set_rules(
        cls, wave: Wave, *, canaries: list[Any], stable_days: int, criteria: list[str], by: Actor
    ) -> "WaveRun":
        """Set, or change, how a wave is run; the same rules again change nothing.

        Raises WaveRefused for a canary that is not in the wave, and for a wave that has started already.
        """
        inside = set(Deployment.objects.running().filter(wave=wave).values_list("pk", flat=True))
        if not set(canaries) <= inside:
            raise WaveRefused("A canary site is one of the wave's own: load the page again.")
        standing: WaveRun | None = cls.objects.filter(wave=wave).select_for_update(no_key=True, of=("self",)).first()
        rules = {"canaries": sorted(canaries), "stable_days": stable_days, "criteria": sorted(criteria)}
        if standing and {name: getattr(standing, name) for name in rules} == rules:
            return standing
        if standing and standing.state != cls.State.WAITING:
            raise WaveRefused(f"{wave.title} has started: its rules stay as they were agreed.")
        wave_run = standing or cls(wave=wave)
        for name, value in rules.items():
            setattr(wave_run, name, value)
        if standing:
            wave_run.save(update_fields=list(rules))
        else:
            wave_run.save(force_insert=True)
        record(audit.WAVE_RULES_SET, by=by, subject=wave_run, title=wave.title, criteria=wave_run.criteria)
        return wave_run

    def move(self, state: str, *fields: str) -> None:
        """Go to another state; raise WaveRefused where the table of moves has no such way."""
        if state not in self.MOVES[self.state]:
            raise WaveRefused(f"{self.wave.title}: from “{self.get_state_display()}” there is no way there.")
        self.state = state
        self.save(update_fields=["state", *fields])


class Lesson(TenantModel):
    """What a wave learned, carried to the next one, which answers what it does about it."""

    wave: Any = TenantForeignKey(Wave, on_delete=models.PROTECT, related_name="lessons")
    text = models.CharField(max_length=500)
    by_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=500, blank=True, help_text="What the next wave does about it")
    answered_by_id = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "wave", "at"], name="lesson_in_order")]

    @classmethod
    @transaction.atomic
    def learn(cls, wave: Wave, text: str, *, by: Actor) -> "Lesson":
        """Write down what a wave learned; the same words again change nothing. Raises ValueError for no words."""
        if not text.strip():
            raise ValueError("Write what the next wave should know.")
        standing: Lesson | None = cls.objects.filter(wave=wave, text=text.strip()).first()
        if standing:
            return standing
        lesson = cls(wave=wave, text=text.strip(), by_id=by.id)
        lesson.save(force_insert=True)
        record(audit.LESSON_LEARNED, by=by, subject=lesson, title=wave.title)
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
        record(audit.LESSON_TAKEN_UP, by=by, subject=lesson, title=lesson.wave.title)
