"""A rollback trigger beyond its limit in a cut-over, and the decision it asks for until a deadline (domain.md, 3.5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from onboarding.deployments.models import Deployment, TeamRole
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel

ESCALATED_TO = ("EXS", "IM")
"""The team roles that hear of a decision whose deadline lapsed, and may take it then."""


class AlarmQuerySet(TenantQuerySet["Alarm"]):
    """Named filters over alarms."""

    def open(self) -> "AlarmQuerySet":
        """Those that wait for a decision."""
        return self.filter(state=Alarm.State.OPEN)

    def of_run(self, run: Any) -> "AlarmQuerySet":
        """The alarms of a run with who decided, the first one first; those that never fired are left out."""
        fired = self.filter(run=run, state__in=(Alarm.State.OPEN, Alarm.State.DECIDED))
        return fired.select_related("decided_by").order_by("fired_at", "pk")


class Alarm(TenantModel):
    """From the moment a figure is beyond its limit: it fires when that has lasted long enough, and then waits for a decision."""

    partners = Partners.DEPLOYMENT
    steward_columns: ClassVar[tuple[str, ...]] = ("organization_id", "id", "due_at")

    class State(models.TextChoices):
        """Where it stands."""

        COUNTING = "counting", "Counting"
        FELL_BACK = "fell_back", "Fell back"
        OPEN = "open", "Waits for a decision"
        DECIDED = "decided", "Decided"

    MOVES: dict[str, set[str]] = {
        State.COUNTING: {State.FELL_BACK, State.OPEN},
        State.OPEN: {State.DECIDED},
        State.FELL_BACK: set(),
        State.DECIDED: set(),
    }

    class Decision(models.TextChoices):
        """What is done about it."""

        GO_ON = "go_on", "Go on"
        ROLL_BACK = "roll_back", "Roll back"

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    run: Any = TenantForeignKey("cutover.Run", on_delete=models.PROTECT, related_name="alarms")
    trigger = models.CharField(max_length=80, help_text="Its key in the runbook")
    title = models.CharField(max_length=70)
    since = models.DateTimeField(help_text="Since when the figure is beyond its limit without a break")
    value = models.FloatField(help_text="The figure that raised it")
    state = models.CharField(max_length=9, choices=State.choices, default=State.COUNTING)
    due_at = models.DateTimeField(null=True, help_text="When time alone changes it: it fires, or its deadline lapses")
    fired_at = models.DateTimeField(null=True)
    decide_by = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True, help_text="When the deadline lapsed without a decision")
    decision = models.CharField(max_length=9, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(AlarmQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "run", "trigger"],
                condition=Q(state__in=["counting", "open"]),
                name="alarm_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["counting", "fell_back", "open", "decided"]), name="alarm_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="open") | Q(fired_at__isnull=False, decide_by__isnull=False), name="alarm_deadline"
            ),
            models.CheckConstraint(
                condition=Q(state="decided") ^ Q(decision="", decided_at__isnull=True), name="alarm_decided"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="queue_alarm")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        """Whether the deadline lapsed without a decision."""
        return self.state == self.State.OPEN and self.escalated_at is not None

    @property
    def took(self) -> timedelta | None:
        """How long the decision took; None while there is none."""
        return self.decided_at - self.fired_at if self.decided_at and self.fired_at else None

    def move(self, state: str, *fields: str) -> None:
        """Write the new state and these fields; raise ValueError for a move that is none."""
        if state not in self.MOVES[self.state]:
            raise ValueError(f"An alarm that is {self.get_state_display().lower()} cannot become {state}.")
        self.state = state
        self.save(update_fields=["state", *fields])

    def answer(self, decision: str, reason: str, who: UUID | None, now: datetime) -> None:
        """Write the decision down; the caller holds the run locked."""
        self.decision, self.reason, self.decided_by_id, self.decided_at = decision, reason[:500], who, now
        self.due_at = None
        self.move(self.State.DECIDED, "decision", "reason", "decided_by", "decided_at", "due_at")


def deciders(run: Any, *, late: bool, team_roles: Iterable[TeamRole] | None = None) -> list[TeamRole]:
    """Return the team roles that decide on a run's alarms: owner and deputy of the decision; once it is late, two more.

    Those two are asked at once where neither of the first is filled. Only roles with a person or a deputy count.
    `team_roles`: the deployment's with their people, where somebody has read them already.
    """
    if team_roles is None:
        codes = (run.decides, run.deputy, *ESCALATED_TO)
        found = TeamRole.objects.filter(deployment_id=run.deployment_id, code__in=codes)
        team_roles = found.select_related("person", "deputy")
    team = {role.code: role for role in team_roles if role.person_id or role.deputy_id}
    first = [team[code] for code in (run.decides, run.deputy) if code in team]
    more = [team[code] for code in ESCALATED_TO if code in team and team[code] not in first]
    return first + more if late or not first else first


def people(roles: Sequence[TeamRole]) -> dict[UUID, Any]:
    """Return who holds these roles, deputies included, by their ids."""
    return {one.pk: one for role in roles for one in (role.person, role.deputy) if one is not None}
