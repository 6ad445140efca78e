"""A champion who leaves: what is handed over before the last day, and who takes it up."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.continuity import audit
from onboarding.deployments.models import Deployment, TeamRole
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

CHAMPION = "CHM"
STEPS = {
    "deputy-told": "The deputy knows the last day and stands in from now on",
    "caseload-walk": "Caseload, alerts and open tickets are walked through together",
    "workflow-shown": "The workflow as it is lived was shown, with its local differences",
    "huddles-handed": "Huddles, reviews and the superusers' round have a new host",
    "access-moved": "Access, shared mailboxes and owner fields are moved",
    "training-passed": "The successor has passed the champion's course",
    "team-told": "Clinicians, front desk and vendor know whom to ask",
}


class HandOverRefused(Exception):
    """A hand-over cannot go on so; the message says what would change it."""


class ChampionHandOverQuerySet(TenantQuerySet["ChampionHandOver"]):
    """Named filters over hand-overs."""

    def running(self) -> "ChampionHandOverQuerySet":
        """Those that go on."""
        return self.filter(state=ChampionHandOver.State.RUNNING)


class ChampionHandOver(TenantModel):
    """One champion's hand-over at one deployment."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", "Running"
        DONE = "done", "Handed over"
        WITHDRAWN = "withdrawn", "Withdrawn"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    leaving = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    last_day = models.DateField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    done = models.JSONField(default=dict, help_text="Step key to the day on which it was done")
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ChampionHandOverQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment"], condition=Q(state="running"), name="hand_over_one_running"
            ),
            models.CheckConstraint(condition=Q(state__in=["running", "done", "withdrawn"]), name="hand_over_state"),
        ]

    @property
    def open_steps(self) -> list[str]:
        """The keys of what is not handed over yet, in order."""
        return [key for key in STEPS if key not in self.done]

    @classmethod
    @transaction.atomic
    def begin(cls, deployment: Deployment, *, last_day: date, by: Actor) -> "ChampionHandOver":
        """Begin the hand-over of the champion who leaves; one that goes on is returned as it is. Raises HandOverRefused."""
        Deployment.locked(deployment.pk)
        standing: ChampionHandOver | None = cls.objects.running().filter(deployment=deployment).first()
        if standing:
            return standing
        role = TeamRole.objects.filter(deployment=deployment, code=CHAMPION).first()
        if role is None or role.person_id is None:
            raise HandOverRefused("There is no champion who could hand over: name one on the team page.")
        if last_day < timezone.localdate():
            raise HandOverRefused("The last day is today or later: after it there is nobody to hand over.")
        made = cls(deployment=deployment, leaving_id=role.person_id, last_day=last_day)
        made.save(force_insert=True)
        record(audit.HAND_OVER_BEGUN, by=by, subject=made, last_day=f"{last_day:%-d %b %Y}")
        return made

    @transaction.atomic
    def tick(self, step: str, *, by: Actor) -> None:
        """Say that a step is done; twice is once. Raises HandOverRefused for a step that is none."""
        made = self._running()
        if step not in STEPS:
            raise HandOverRefused("The hand-over has no such step.")
        if step in made.done:
            return
        made.done = {**made.done, step: timezone.localdate().isoformat()}
        made.save(update_fields=["done"])
        record(audit.HAND_OVER_STEP, by=by, subject=made, title=STEPS[step])

    @transaction.atomic
    def finish(self, successor: Any, *, by: Actor) -> None:
        """Put the successor in the role. Raises HandOverRefused while a step is open, or for the one who leaves."""
        made = self.locked(self.pk)
        if made.state == self.State.DONE:
            return
        made = self._running()
        if made.open_steps:
            raise HandOverRefused(f"Still open: {STEPS[made.open_steps[0]].lower()}.")
        if successor.pk == made.leaving_id:
            raise HandOverRefused("The successor is somebody else than who leaves.")
        role = TeamRole.objects.get(deployment_id=made.deployment_id, code=CHAMPION)
        deputy = None if role.deputy_id in (None, successor.pk) else role.deputy
        role.fill(successor, deputy=deputy, by=by)
        made.state, made.successor, made.ended_at = self.State.DONE, successor, timezone.now()
        made.save(update_fields=["state", "successor", "ended_at"])
        record(audit.HANDED_OVER, by=by, subject=made)

    @transaction.atomic
    def withdraw(self, *, by: Actor) -> None:
        """The champion stays."""
        made = self.locked(self.pk)
        if made.state != self.State.RUNNING:
            return
        made.state, made.ended_at = self.State.WITHDRAWN, timezone.now()
        made.save(update_fields=["state", "ended_at"])
        record(audit.HAND_OVER_WITHDRAWN, by=by, subject=made)

    def _running(self) -> "ChampionHandOver":
        made: ChampionHandOver = self.locked(self.pk)
        if made.state != self.State.RUNNING:
            raise HandOverRefused(f"This hand-over is {made.get_state_display().lower()}.")
        return made
