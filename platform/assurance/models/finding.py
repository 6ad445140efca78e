"""What an audit found: who answers for it and by when, what was done, whether it holds now, and who signed that."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from access.permissions import Permission
from accounts.models import User
from assurance import audit
from assurance.models.definition import AuditRefused, permissions_here
from assurance.models.run import Line, Run
from audit.actor import Actor
from audit.models.event import record
from audit.vocabulary import Action
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel


class AuditFindingQuerySet(TenantQuerySet["Finding"]):
    """Named filters over findings."""

    def open(self) -> "AuditFindingQuerySet":
        """Findings that nobody closed."""
        return self.exclude(state=Finding.State.CLOSED)

    def with_run(self) -> "AuditFindingQuerySet":
        """With the audit and the people, for a list."""
        return self.select_related("run__definition", "owner", "corrected_by", "closed_by")


class Finding(TenantModel):
    """One thing to put right. It ends when it was corrected, looked at again, and signed off by somebody else."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        CORRECTED = "corrected", "Corrected"
        HOLDS = "holds", "Holds again"
        CLOSED = "closed", "Closed"

    MOVES: dict[str, set[str]] = {
        State.OPEN: {State.CORRECTED},
        State.CORRECTED: {State.HOLDS, State.OPEN},
        State.HOLDS: {State.CLOSED, State.OPEN},
        State.CLOSED: set(),
    }

    run: Any = TenantForeignKey(Run, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    due_on = models.DateField()
    raised_at = models.DateTimeField(default=timezone.now)
    raised_by_id = models.UUIDField(null=True)
    correction = models.CharField(max_length=1000, blank=True)
    corrected_at = models.DateTimeField(null=True)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    retested_at = models.DateTimeField(null=True)
    retest_says = models.CharField(max_length=500, blank=True)
    closing = models.CharField(max_length=500, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    objects = TenantManager.from_queryset(AuditFindingQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "number"], name="assurance_finding_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "corrected", "holds", "closed"]), name="assurance_finding_state"
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None) | ~Q(closed_by=F("owner")), name="assurance_finding_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_by__isnull=False), name="assurance_finding_closed_by"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "owner", "state"], name="assurance_finding_by_owner"),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"

    @property
    def is_open(self) -> bool:
        """Whether somebody has to do something."""
        return self.state != self.State.CLOSED

    @classmethod
    @transaction.atomic
    def raise_over(
        cls, run: Run, text: str, *, owner: User, due_on: date, by: Actor, lines: Collection[UUID] = ()
    ) -> "Finding":
        """Write down what does not hold, over these lines of the run, with who puts it right and by when.

        Raises AuditRefused for a signed run, a day that is past, lines that are not free, and an owner who could not
        open it.
        """
        run = Run.locked(run.pk)
        if run.state != Run.State.OPEN:
            raise AuditRefused("This audit is signed off: what is found now belongs to the next one.")
        if not text.strip():
            raise AuditRefused("Say what does not hold.")
        if due_on < timezone.localdate():
            raise AuditRefused("Its day is still to come: give the owner time to act.")
        cls.demand_owner(owner)
        free = Line.objects.filter(run=run, pk__in=lines, finding=None, decision="").exclude(holds=True)
        if free.count() != len(set(lines)):
            raise AuditRefused("One of these lines holds, or stands in a finding already.")
        made = cls(
            run=run, number=run.findings.count() + 1, text=text.strip()[:500], owner=owner, due_on=due_on,
            raised_by_id=by.id,
        )  # fmt: skip
        made.save(force_insert=True)
        free.update(finding=made)
        record(audit.RAISED, by=by, subject=made, lines=len(set(lines)), due_on=due_on.isoformat(), run=str(run.pk))
        return made

    @transaction.atomic
    def hand_over(self, *, owner: User, due_on: date, reason: str, by: Actor) -> None:
        """Give it another owner or another day; raise AuditRefused without a reason, or once it is closed."""
        found: Finding = self.locked(self.pk)
        if (found.owner_id, found.due_on) == (owner.pk, due_on):
            return
        if not found.is_open:
            raise AuditRefused("This finding is closed.")
        if not reason.strip():
            raise AuditRefused("Say why the owner or the day changes.")
        if due_on < timezone.localdate():
            raise AuditRefused("Its day is still to come.")
        self.demand_owner(owner)
        found.owner, found.due_on = owner, due_on
        found.save(update_fields=["owner", "due_on"])
        record(audit.HANDED_OVER, by=by, subject=found, reason=reason.strip()[:300], due_on=due_on.isoformat())

    @transaction.atomic
    def correct(self, what: str, *, by: Actor) -> None:
        """Say what was done. Raises AuditRefused for anybody but its owner, and for nothing said."""
        found: Finding = self.locked(self.pk)
        if found.state == self.State.CORRECTED and found.correction == what.strip():
            return
        if by.id != found.owner_id:
            raise AuditRefused("Its owner says what was done: hand the finding over if somebody else did it.")
        if not what.strip():
            raise AuditRefused("Say what was done, so that it can be looked at again.")
        if found.state != self.State.CORRECTED:
            found._demand_move(self.State.CORRECTED)
        found.correction, found.corrected_at, found.corrected_by_id = what.strip()[:1000], timezone.now(), by.id
        found._keep(self.State.CORRECTED, by, audit.CORRECTED, "correction", "corrected_at", "corrected_by")

    @transaction.atomic
    def retest(self, *, by: Actor, holds: bool | None = None, says: str = "") -> bool:
        """Look again at what was found: by the rule, where there are lines; else by what the person says. Return the outcome.

        What does not hold is open again. Raises AuditRefused before it was corrected.
        """
        found: Finding = self.locked(self.pk)
        if found.state not in (self.State.CORRECTED, self.State.HOLDS):
            raise AuditRefused(f"It is {found.get_state_display().lower()}: its owner says what was done first.")
        lines = list(found.lines.order_by("number"))
        if lines:
            holds, says = found._looked_at_again(lines)
        elif holds is None or not says.strip():
            raise AuditRefused("Say what you looked at, and whether it holds.")
        state = self.State.HOLDS if holds else self.State.OPEN
        found.retested_at, found.retest_says = timezone.now(), says.strip()[:500]
        found._keep(state, by, audit.RETESTED, "retested_at", "retest_says", says=found.retest_says)
        return bool(holds)

    def _looked_at_again(self, lines: list[Line]) -> tuple[bool, str]:
        """Let the rule of the run look at its lines as they stand now; what is no longer there is said, and holds nothing up."""
        seen = self.run.definition.check_made.look([one.subject_id for one in lines], self.run.extent())
        there = [one for one in lines if one.subject_id in seen]
        bad = [one for one in there if not seen[one.subject_id].holds]
        says = f"{len(there) - len(bad)} of {len(lines)} hold now."
        if gone := len(lines) - len(there):
            says += f" {gone} no longer there."
        if bad:
            says += f" {bad[0].title}: {seen[bad[0].subject_id].says}"
        return not bad, says

    @transaction.atomic
    def close(self, *, statement: str, by: Actor) -> None:
        """Sign it off. Raises AuditRefused before it holds again, and for its owner and whoever corrected it."""
        found: Finding = self.locked(self.pk)
        if found.state == self.State.CLOSED:
            return
        if found.state != self.State.HOLDS:
            raise AuditRefused("It is looked at again first: only what holds is closed.")
        if by.may_not_be(found.owner_id) or by.may_not_be(found.corrected_by_id):
            raise AuditRefused("You own this finding: somebody else signs it off.")
        if not statement.strip():
            raise AuditRefused("Say what convinced you.")
        found.closing, found.closed_at, found.closed_by_id = statement.strip()[:500], timezone.now(), by.person_id
        found._keep(self.State.CLOSED, by, audit.CLOSED, "closing", "closed_at", "closed_by")

    @property
    def owner_is_here(self) -> bool:
        """Whether its owner can still open it."""
        return Permission.COMMENT_INTERNAL in permissions_here(self.owner_id)

    @staticmethod
    def demand_owner(owner: User) -> None:
        """Raise AuditRefused unless the person belongs here and could open the finding."""
        if Permission.COMMENT_INTERNAL not in permissions_here(owner.pk):
            raise AuditRefused("Its owner has to be somebody who works here.")

    def as_data(self) -> dict[str, Any]:
        """Return it as the record keeps it."""
        words = ("number", "text", "state", "correction", "retest_says", "closing")
        people = ("owner_id", "corrected_by_id", "closed_by_id", "raised_by_id")
        moments = ("raised_at", "corrected_at", "retested_at", "closed_at", "due_on")
        return {
            **{name: getattr(self, name) for name in words},
            **{name.removesuffix("_id"): str(pk) if (pk := getattr(self, name)) else None for name in people},
            **{name: at.isoformat() if (at := getattr(self, name)) else None for name in moments},
            "lines": list(self.lines.order_by("number").values_list("number", flat=True)),
        }

    def _demand_move(self, state: str) -> None:
        if state not in self.MOVES[self.state]:
            wanted = self.State(state).label.lower()
            raise AuditRefused(f"The finding is {self.get_state_display().lower()}: it cannot become {wanted}.")

    def _keep(self, state: str, by: Actor, action: Action, *fields: str, **data: Any) -> None:
        if state != self.state:
            self._demand_move(state)
        self.state = state
        self.save(update_fields=["state", *fields])
        record(action, by=by, subject=self, **data)
