"""A program over several organizations and its waves. Both belong to whoever leads it."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.joint import audit
from onboarding.plans.models.lesson import Learned
from onboarding.plans.models.staged import HALTED_BECAUSE, STATES, Staged, Telling, WaveRefused
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel


class JointProgram(TenantModel):
    """Deployments of several organizations that one of them, a hub or a vendor brings live in waves."""

    title = models.CharField(max_length=120)
    begun_at = models.DateTimeField(auto_now_add=True)
    led_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Who began it, and hears how hosts answer",
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "title"], name="joint_program_title_once")]

    @classmethod
    @transaction.atomic
    def begin(cls, title: str, *, by: Actor) -> "JointProgram":
        """Begin a program with its first wave; the same title again gives the one there is. Raises WaveRefused without a title."""
        title = title.strip()[:120]
        if not title:
            raise WaveRefused("Give the joint program a title.")
        standing: JointProgram | None = cls.objects.filter(title=title).first()
        if standing:
            return standing
        program = cls(title=title, led_by_id=by.person_id)
        program.save(force_insert=True)
        record(audit.PROGRAM_BEGUN, by=by, subject=program, title=title)
        program.add_wave(by=by)
        return program

    @transaction.atomic
    def add_wave(self, *, by: Actor) -> "JointWave":
        """Add the next wave. The last one must have a place first: two empty waves are one. Raises WaveRefused."""
        program = self.locked(self.pk)
        last: JointWave | None = JointWave.objects.filter(program=program).order_by("-number").first()
        if last and not last.places.exists():
            raise WaveRefused(f"{last.title} has no sites yet: offer places in it first.")
        number = last.number + 1 if last else 1
        wave = JointWave(program=program, number=number, title=f"Wave {number}")
        wave.save(force_insert=True)
        record(audit.WAVE_ADDED, by=by, subject=wave, title=wave.called)
        return wave


class JointWave(Staged):
    """Sites of several organizations that go together, the rules, and where they stand."""

    TELLS = Telling(audit.STARTED, audit.EXPANDED, audit.HALTED, audit.RESUMED, audit.DONE)

    program: Any = TenantForeignKey(JointProgram, on_delete=models.PROTECT, related_name="waves")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    told = ArrayField(
        models.CharField(max_length=300), default=list, help_text="Why it is halted, as every host may know it"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "program", "number"], name="joint_wave_number_once"),
            models.CheckConstraint(condition=STATES, name="joint_wave_state"),
            models.CheckConstraint(condition=HALTED_BECAUSE, name="joint_wave_halted_because"),
        ]

    @property
    def called(self) -> str:
        """The wave with its program, as every organization in it knows it."""
        return f"{self.title} of {self.program.title}"

    def say(self, told: list[str]) -> None:
        """Set what the hosts are told of a halt."""
        told = list(dict.fromkeys(text[:300] for text in told))
        if self.told != told:
            self.told = told
            self.save(update_fields=["told"])

    @transaction.atomic
    def set_rules(self, *, canaries: list[Any], stable_days: int, criteria: list[str], by: Actor) -> None:
        """Set how the wave is run; the same again changes nothing. Raises WaveRefused once it has started.

        `canaries` are ids of its places.
        """
        JointProgram.locked(self.program_id)
        wave = self.locked(self.pk)
        places = {one.pk: one for one in wave.places.in_force().select_for_update(no_key=True, of=("self",))}
        if not set(canaries) <= set(places):
            raise WaveRefused("A canary site is one of the wave's own: load the page again.")
        criteria = sorted(criteria)
        turned = [one for pk, one in places.items() if one.canary != (pk in canaries)]
        if not turned and (wave.stable_days, wave.criteria) == (stable_days, criteria):
            return
        if wave.state != self.State.WAITING:
            raise WaveRefused(f"{wave.title} has started: its rules stay as they were agreed.")
        for one in turned:
            one.canary = one.pk in canaries
            one.save(update_fields=["canary"])
        wave.stable_days, wave.criteria = stable_days, criteria
        wave.save(update_fields=["stable_days", "criteria"])
        record(audit.RULES_SET, by=by, subject=wave, title=wave.called, criteria=criteria)


class JointLesson(Learned):
    """A lesson of a joint wave. The organizations of the next wave read it, so it names none."""

    LEARNED, TAKEN_UP = audit.LESSON_LEARNED, audit.LESSON_TAKEN_UP

    wave: Any = TenantForeignKey(JointWave, on_delete=models.PROTECT, related_name="lessons")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "wave", "at"], name="joint_lesson_in_order")]
