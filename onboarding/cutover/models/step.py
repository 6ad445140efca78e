"""A step of a run, and a line of its command log."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from onboarding.deployments.models import Deployment
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

if TYPE_CHECKING:
    from onboarding.cutover.models.run import Run


class StepQuerySet(TenantQuerySet["Step"]):
    """Named filters over steps."""

    def of_run(self, run: "Run") -> "StepQuerySet":
        """The steps of a run: forward first, then the way back, each in its order."""
        return self.filter(run=run).order_by("way", "number")


class Step(TenantModel):
    """Who does what in how many minutes, shown by what, and how it is taken back. Frozen when the run is planned."""

    partners = Partners.DEPLOYMENT

    class Way(models.TextChoices):
        """Forward as the runbook has it, or back."""

        FORWARD = "a", "Forward"
        BACK = "b", "Back"

    class State(models.TextChoices):
        """Where the step stands."""

        WAITING = "waiting", "Later"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    run: Any = TenantForeignKey("cutover.Run", on_delete=models.PROTECT, related_name="steps")
    way = models.CharField(max_length=1, choices=Way.choices, default=Way.FORWARD)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=4)
    deputy = models.CharField(max_length=4)
    minutes = models.PositiveSmallIntegerField()
    verification = models.CharField(max_length=300, blank=True)
    back_out = models.CharField(max_length=300, blank=True)
    point_of_no_return = models.BooleanField(default=False, help_text="After it the way back is another one")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True, help_text="What showed that it is done, or why it was skipped")

    objects = TenantManager.from_queryset(StepQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "way", "number"], name="run_step_once"),
            models.UniqueConstraint(
                fields=["organization", "run"], condition=Q(state="running"), name="run_step_one_running"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "skipped"]), name="run_step_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(started_at__isnull=False) & Q(ended_at__gte=models.F("started_at"))),
                name="run_step_done_after_start",
            ),
        ]

    @property
    def direction(self) -> str:
        """Which way it goes: forward or back."""
        return self.Way(self.way).label.lower()

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in (self.State.DONE, self.State.SKIPPED)


class LogEntry(TenantModel):
    """A line of the command log: what a person says on the bridge, or what the run itself notes."""

    partners = Partners.DEPLOYMENT
    append_only = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    run: Any = TenantForeignKey("cutover.Run", on_delete=models.PROTECT, related_name="log")
    at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    text = models.CharField(max_length=1000)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "run", "-at", "-id"], name="run_log")]
