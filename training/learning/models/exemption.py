"""A waiver or an equivalence: asked by one person, decided by another."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.assignment import Assignment


class ExemptionRefused(ValueError):
    """The exemption cannot be asked for or decided; the message says why."""


class ExemptionQuerySet(TenantQuerySet["Exemption"]):
    """Named filters over exemptions."""

    def open(self) -> "ExemptionQuerySet":
        """Waiting for a decision."""
        return self.filter(state=Exemption.State.ASKED)

    def waivers_on(self, day: date) -> "ExemptionQuerySet":
        """Waivers that take their assignment out of what is required on that day."""
        return self.filter(kind=Exemption.Kind.WAIVER, state=Exemption.State.GRANTED, until__gte=day)


class Exemption(TenantModel):
    """Why somebody need not pass the course here: not needed for a time, or learned elsewhere."""

    part_of = "assignment"

    class Kind(models.TextChoices):
        """What is asked for."""

        WAIVER = "waiver", "Waiver"
        EQUIVALENCE = "equivalence", "Equivalence"

    class State(models.TextChoices):
        """Where the question stands."""

        ASKED = "asked", "Asked"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"

    MOVES: dict[str, set[str]] = {
        State.ASKED: {State.GRANTED, State.REFUSED},
        State.GRANTED: set(),
        State.REFUSED: set(),
    }

    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="exemptions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=500)
    until = models.DateField(null=True, help_text="Last day of a waiver")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by_id = models.UUIDField()
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ExemptionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "assignment"], condition=Q(state="asked"), name="exemption_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=["asked", "granted", "refused"]), name="exemption_state"),
            models.CheckConstraint(condition=Q(kind="equivalence") | ~Q(until=None), name="exemption_waiver_ends"),
            models.CheckConstraint(
                condition=Q(decided_by_id=None) | ~Q(decided_by_id=models.F("asked_by_id")),
                name="exemption_two_people",
            ),
        ]

    @classmethod
    @transaction.atomic
    def ask(
        cls, assignment: Assignment, *, kind: str, reason: str, until: date | None = None, by: Actor
    ) -> "Exemption":
        """Ask for an exemption, or return the one that is open; raise ExemptionRefused naming what is missing."""
        if kind not in cls.Kind.values:
            raise ExemptionRefused("Ask for a waiver or an equivalence.")
        if not reason.strip():
            raise ExemptionRefused("Say why: the approver reads it.")
        if kind == cls.Kind.WAIVER and until is None:
            raise ExemptionRefused("A waiver ends: give its last day.")
        if by.id is None:
            raise ExemptionRefused("A person asks for an exemption.")
        Assignment.locked(assignment.pk)
        standing = cls.objects.open().filter(assignment=assignment).first()
        if standing:
            return standing
        row = cls(
            assignment=assignment,
            kind=kind,
            reason=reason.strip()[:500],
            until=until if kind == cls.Kind.WAIVER else None,
            asked_by_id=by.id,
        )
        row.save(force_insert=True)
        record(
            audit.EXEMPTION_ASKED,
            by=by,
            subject=row,
            deployment_id=assignment.deployment_id,
            kind=kind,
            course=assignment.course.title,
        )
        return row

    @transaction.atomic
    def decide(self, state: str, *, by: Actor) -> bool:
        """Grant or refuse, as somebody other than who asked and who learns; return whether anything changed."""
        row = self.locked(self.pk)
        if row.state == state:
            return False
        if state not in self.MOVES[row.state]:
            raise ExemptionRefused(f"This was {row.get_state_display().lower()} already.")
        if by.id is None or by.may_not_be(row.asked_by_id) or by.may_not_be(row.assignment.user_id):
            raise ExemptionRefused("A second person decides: neither who asked nor the learner.")
        row.state, row.decided_by_id, row.decided_at = state, by.id, timezone.now()
        row.save(update_fields=["state", "decided_by_id", "decided_at"])
        record(
            audit.EXEMPTION_DECIDED,
            by=by,
            subject=row,
            deployment_id=row.assignment.deployment_id,
            decision=state,
            kind=row.kind,
            course=row.assignment.course.title,
        )
        self.state = state
        return True
