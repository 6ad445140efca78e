"""One execution of a deployment's runbook: a rehearsal, or the cut-over itself."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from onboarding.cutover import audit
from onboarding.cutover.clock import clock, zone_of
from onboarding.cutover.models.alarm import Alarm
from onboarding.cutover.models.step import LogEntry, Step
from onboarding.deployments.models import Deployment
from onboarding.golive.actions.go_live import roll_back
from onboarding.golive.gates import refusal
from onboarding.golive.rules import GO_NO_GO
from onboarding.playbooks.shape import DECIDE_WITHIN
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

NOTHING_TO_UNDO = "Nothing to undo."
INTERRUPTED = "The rollback began."
CLOCKS_APART = timedelta(minutes=1)
"""A device's clock may be ahead of ours by this much; what it says is then taken for now."""


class RunRefused(Exception):
    """Something cannot be done in this run; the message says why and what would change it."""


class StepConflict(RunRefused):
    """Somebody else closed the step meanwhile; the message names them and the time."""


class RunQuerySet(TenantQuerySet["Run"]):
    """Named filters over runs."""

    def open(self) -> "RunQuerySet":
        """Planned or going on."""
        return self.filter(state__in=Run.OPEN)

    def newest(self) -> "RunQuerySet":
        """The latest first."""
        return self.order_by("-starts_at", "-number")


class Run(TenantModel):
    """The steps of a runbook at their time, with who closed each and when."""

    partners = Partners.DEPLOYMENT

    class Kind(models.TextChoices):
        """A rehearsal changes nothing of the deployment."""

        REHEARSAL = "rehearsal", "Rehearsal"
        LIVE = "live", "Cut-over"

    class State(models.TextChoices):
        """Where the run stands."""

        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        HELD = "held", "Held"
        ROLLING_BACK = "rolling_back", "Rolling back"
        FINISHED = "finished", "Finished"
        ROLLED_BACK = "rolled_back", "Rolled back"
        ABANDONED = "abandoned", "Abandoned"

    MOVES: dict[str, set[str]] = {
        State.PLANNED: {State.RUNNING, State.ABANDONED},
        State.RUNNING: {State.HELD, State.ROLLING_BACK, State.ROLLED_BACK, State.FINISHED, State.ABANDONED},
        State.HELD: {State.RUNNING, State.ROLLING_BACK, State.ROLLED_BACK, State.ABANDONED},
        State.ROLLING_BACK: {State.ROLLED_BACK},
        State.FINISHED: {State.ROLLING_BACK, State.ROLLED_BACK},
        State.ROLLED_BACK: set(),
        State.ABANDONED: set(),
    }
    OPEN = (State.PLANNED, State.RUNNING, State.HELD, State.ROLLING_BACK)
    MOVING = (State.RUNNING, State.ROLLING_BACK)
    """States in which steps are closed."""

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(help_text="1, 2, … of this kind at this deployment")
    state = models.CharField(max_length=12, choices=State.choices, default=State.PLANNED)
    starts_at = models.DateTimeField(help_text="As planned; the steps follow each other from here")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    float_minutes = models.PositiveSmallIntegerField(default=0)
    decides = models.CharField(max_length=4, help_text="Team role that decides on a rollback")
    deputy = models.CharField(max_length=4)
    decide_minutes = models.PositiveSmallIntegerField(
        default=DECIDE_WITHIN, db_default=DECIDE_WITHIN, help_text="From a trigger that fires to its decision"
    )
    reason = models.CharField(max_length=500, blank=True, help_text="Why it is held, rolled back or abandoned")
    version = models.PositiveIntegerField(default=1, help_text="Rises with every change: pages ask whether it moved")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")

    objects = TenantManager.from_queryset(RunQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "deployment", "kind", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["organization", "deployment", "kind"],
                condition=Q(state__in=["planned", "running", "held", "rolling_back"]),
                name="run_one_open",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["planned", "running", "held", "rolling_back", "finished", "rolled_back", "abandoned"]
                ),
                name="run_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it is planned or going on."""
        return self.state in self.OPEN

    @property
    def minute(self) -> int:
        """The minute it is, while the run goes on: its page shows how late it gets without anybody doing anything."""
        return int(timezone.now().timestamp() // 60) if self.state in (*self.MOVING, self.State.HELD) else 0

    @classmethod
    @transaction.atomic
    def plan(cls, deployment: Deployment, kind: str, *, starts_at: datetime, by: Actor) -> "Run":
        """Freeze the playbook's runbook into a run that starts at that moment, or return the open one of this kind."""
        deployment = Deployment.locked(deployment.pk)
        standing = cls.objects.open().filter(deployment=deployment, kind=kind).first()
        if standing:
            return standing
        runbook = deployment.playbook_version.content["runbook"]
        number = cls.objects.filter(deployment=deployment, kind=kind).count() + 1
        run = cls(
            deployment=deployment,
            kind=cls.Kind(kind),
            number=number,
            starts_at=starts_at,
            float_minutes=runbook["float_minutes"],
            decides=runbook["decides"],
            deputy=runbook["deputy"],
            decide_minutes=runbook.get("decide_within_minutes", DECIDE_WITHIN),
            planned_by_id=by.person_id,
        )
        run.save(force_insert=True)
        frozen = (
            "number",
            "title",
            "owner",
            "deputy",
            "minutes",
            "verification",
            "back_out",
            "point_of_no_return",
        )
        Step.objects.bulk_create(
            Step(deployment=deployment, run=run, **{name: step[name] for name in frozen}) for step in runbook["steps"]
        )
        there = timezone.localtime(starts_at, zone_of(deployment))
        run._tell(audit.RUN_PLANNED, by, starts=f"{there:%-d %b %Y %H:%M %Z}")
        return run

    @transaction.atomic
    def start(self, *, by: Actor) -> None:
        """Begin with the first step; a cut-over needs the signed go/no-go. Raises RunRefused."""
        run = self.locked(self.pk)
        if run.state in run.MOVING:
            return
        if run.kind == run.Kind.LIVE and (unsigned := refusal(run.deployment, GO_NO_GO)):
            raise RunRefused(f"{unsigned}: the cut-over cannot start. A rehearsal can.")
        now = timezone.now()
        run.started_at = now
        run._move(run.State.RUNNING, "started_at")
        run._next(now)
        run._tell(audit.RUN_STARTED, by)

    @transaction.atomic
    def finish_step(self, number: int, *, by: Actor, note: str = "", at: datetime | None = None) -> None:
        """Close the running step and begin the next one; the last one ends the run.

        `at` is when it was pressed, for a device that was offline. The same person's second press changes nothing.
        Raises StepConflict where somebody else closed the step, RunRefused where it is not its turn.
        """
        run, step = self._step(number)
        if step.is_over:
            if step.ended_by_id == by.id:
                return
            who = step.ended_by or "the system"
            raise StepConflict(
                f"Step {number} was {step.get_state_display().lower()} by {who} at {clock(step.ended_at, zone_of(run.deployment))}. "
                "Yours was not recorded."
            )
        if step.state != step.State.RUNNING:
            raise RunRefused(f"Step {number} is not running: the steps before it come first.")
        moment = _pressed(at, step.started_at)
        run._close(step, step.State.DONE, moment, by, note.strip())
        run._tell(audit.STEP_DONE, by, step=number)
        run._go_on(moment, by)

    @transaction.atomic
    def skip_step(self, number: int, *, by: Actor, reason: str) -> None:
        """Leave the running step out, saying why; raise RunRefused for any other."""
        run, step = self._step(number)
        if step.state == step.State.SKIPPED:
            return
        if step.state != step.State.RUNNING:
            raise RunRefused(f"Step {number} is not running: only the running step can be skipped.")
        run._demand(reason, "Say why the step is skipped.")
        now = timezone.now()
        run._close(step, step.State.SKIPPED, now, by, reason.strip())
        run._tell(audit.STEP_SKIPPED, by, step=number, reason=reason.strip())
        run._go_on(now, by)

    @transaction.atomic
    def hold(self, *, by: Actor, reason: str) -> None:
        """Stop the clockwork: no step is closed until it goes on. Raises RunRefused."""
        run = self.locked(self.pk)
        if run.state == run.State.HELD:
            return
        run._demand(reason, "Say why the run is held.")
        run._move(run.State.HELD, reason=reason.strip())
        run._tell(audit.RUN_HELD, by, reason=run.reason)

    @transaction.atomic
    def resume(self, *, by: Actor) -> None:
        """Go on where it was held; raise RunRefused where it is not."""
        run = self.locked(self.pk)
        if run.state == run.State.RUNNING:
            return
        if run.state != run.State.HELD:
            raise RunRefused(f"{run} is {run.get_state_display().lower()}: only a held run goes on.")
        run._move(run.State.RUNNING, reason="")
        run._tell(audit.RUN_RESUMED, by)

    @transaction.atomic
    def roll_back(self, *, by: Actor, reason: str) -> None:
        """Turn round: what was done is taken back, the last first, each as its step says. Raises RunRefused.

        A deployment that is live is rolled back at once: the go/no-go ends with it.
        """
        run = self.locked(self.pk)
        if run.state in (run.State.ROLLING_BACK, run.State.ROLLED_BACK):
            return
        run._demand(reason, "Say what makes the rollback necessary: it stands in the record.")
        now = timezone.now()
        if run.state == run.State.FINISHED and Run.objects.open().filter(deployment=run.deployment_id, kind=run.kind):
            raise RunRefused(f"Another {run.get_kind_display().lower()} is open: roll that one back.")
        touched = []
        for step in Step.objects.of_run(run).filter(way=Step.Way.FORWARD, started_at__isnull=False):
            if step.state == step.State.RUNNING:
                run._close(step, step.State.SKIPPED, now, by, INTERRUPTED)
            if step.back_out != NOTHING_TO_UNDO and (step.state == step.State.DONE or step.note == INTERRUPTED):
                touched.append(step)
        Step.objects.bulk_create(
            Step(
                deployment_id=run.deployment_id,
                run=run,
                way=Step.Way.BACK,
                number=number,
                title=step.back_out or f"Take back: {step.title}",
                owner=step.owner,
                deputy=step.deputy,
                minutes=step.minutes,
                verification=f"Step {step.number}, {step.title[0].lower()}{step.title[1:]}, is undone.",
            )
            for number, step in enumerate(reversed(touched), start=1)
        )
        run._move(run.State.ROLLING_BACK, reason=reason.strip())
        run._tell(audit.RUN_ROLLING_BACK, by, reason=run.reason)
        for alarm in Alarm.objects.open().filter(run=run):
            alarm.answer(Alarm.Decision.ROLL_BACK, run.reason, by.id, now)
            record(
                audit.ALARM_DECIDED, by=by, subject=run, alarm=str(alarm.pk), title=alarm.title, decision="roll back"
            )
        Alarm.objects.filter(run=run, state=Alarm.State.COUNTING).update(state=Alarm.State.FELL_BACK, due_at=None)
        deployment = Deployment.objects.get(pk=run.deployment_id)
        if run.kind == run.Kind.LIVE and deployment.state == Deployment.State.LIVE:
            roll_back(deployment, by=by, reason=run.reason)
        run._go_on(now, by)

    @transaction.atomic
    def abandon(self, *, by: Actor, reason: str) -> None:
        """Give the run up; a cut-over that has begun is rolled back instead. Raises RunRefused."""
        run = self.locked(self.pk)
        if run.state == run.State.ABANDONED:
            return
        if run.kind == run.Kind.LIVE and run.state != run.State.PLANNED:
            raise RunRefused("A cut-over that has begun is finished or rolled back, never abandoned.")
        run._demand(reason, "Say why the run is given up.")
        run.ended_at = timezone.now()
        run._move(run.State.ABANDONED, "ended_at", reason=reason.strip())
        run._tell(audit.RUN_ABANDONED, by, reason=run.reason)

    @transaction.atomic
    def say(self, text: str, *, by: Actor) -> None:
        """Write a line into the command log; raise RunRefused for an empty one. Never patient data."""
        run = self.locked(self.pk)
        run._demand(text, "Say something: an empty entry helps nobody.")
        LogEntry(deployment_id=run.deployment_id, run=run, author_id=by.id, text=text.strip()).save(force_insert=True)
        run.touch()

    def note(self, text: str, at: datetime | None = None) -> None:
        """Let the run itself write a line into the command log."""
        LogEntry(deployment_id=self.deployment_id, run=self, text=text[:1000], at=at or timezone.now()).save(
            force_insert=True
        )

    def touch(self) -> None:
        """Let open pages see that something changed."""
        self.version += 1
        self.save(update_fields=["version"])

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _step(self, number: int) -> tuple["Run", Step]:
        """Lock the run and return it with the step of the way it is on; raise RunRefused where steps are not closed."""
        run = self.locked(self.pk)
        if run.state in (run.State.PLANNED, run.State.HELD, run.State.ABANDONED):
            raise RunRefused(f"{run} is {run.get_state_display().lower()}: no step is closed now.")
        back = run.state in (run.State.ROLLING_BACK, run.State.ROLLED_BACK)
        way = Step.Way.BACK if back else Step.Way.FORWARD
        found = Step.objects.of_run(run).filter(way=way, number=number).select_related("ended_by").first()
        if found is None:
            raise RunRefused(f"{run} has no step {number} on this way.")
        return run, found

    def _close(self, step: Step, state: str, at: datetime, by: Actor, note: str) -> None:
        step.state, step.ended_at, step.ended_by_id, step.note = state, at, by.id, note[:500]
        step.save(update_fields=["state", "ended_at", "ended_by", "note"])
        late = round((at - step.started_at).total_seconds() / 60) - step.minutes if step.started_at else 0
        if state == step.State.DONE and late > 0:
            self.note(f"Step {step.number} ended {late} min late.", at)

    def _next(self, at: datetime) -> Step | None:
        back = self.state == self.State.ROLLING_BACK
        way = Step.Way.BACK if back else Step.Way.FORWARD
        step = Step.objects.of_run(self).filter(way=way, state=Step.State.WAITING).first()
        if step is not None:
            step.state, step.started_at = step.State.RUNNING, at
            step.save(update_fields=["state", "started_at"])
        return step

    def _go_on(self, at: datetime, by: Actor) -> None:
        """Begin the next step, or end the run when there is none."""
        if self._next(at) is not None:
            self.touch()
            return
        self.ended_at = at
        back = self.state == self.State.ROLLING_BACK
        self._move(self.State.ROLLED_BACK if back else self.State.FINISHED, "ended_at")
        self._tell(audit.RUN_ROLLED_BACK if back else audit.RUN_FINISHED, by)

    def _move(self, state: str, *fields: str, reason: str | None = None) -> None:
        if state not in self.MOVES[self.state]:
            raise RunRefused(
                f"{self} is {self.get_state_display().lower()} and cannot become {self.State(state).label.lower()}."
            )
        self.state = state
        if reason is not None:
            self.reason, fields = reason[:500], (*fields, "reason")
        self.version += 1
        self.save(update_fields=["state", "version", *fields])

    def _demand(self, words: str, otherwise: str) -> None:
        if not words.strip():
            raise RunRefused(otherwise)

    def _tell(self, what: Action, by: Actor, **data: Any) -> None:
        record(what, by=by, subject=self, kind=self.get_kind_display().lower(), number=self.number, **data)


def _pressed(at: datetime | None, started_at: datetime | None) -> datetime:
    """Return when a button was pressed, as far as our clock can believe it: between the step's start and now."""
    now = timezone.now()
    if at is None or at > now:
        if at is not None and at - now > CLOCKS_APART:
            raise RunRefused("The clock of this device is wrong: it says that the step ended in the future.")
        return now
    return max(at, started_at) if started_at else at
