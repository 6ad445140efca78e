"""A risk, an issue or a decision of a deployment, or of a whole program."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment, Program
from onboarding.logbook import audit
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

HIGH, MIDDLE = 15, 8
"""Scores (likelihood by impact, 1 to 25) from which a risk is shown as high, and as something to watch."""


class LogRefused(ValueError):
    """An entry cannot be written so; the message says what would change it."""


class LogEntryQuerySet(TenantQuerySet["LogEntry"]):
    """Named filters over log entries."""

    def open(self) -> "LogEntryQuerySet":
        """Entries that somebody still has to do something about."""
        return self.filter(state=LogEntry.State.OPEN)

    def of_deployment(self, deployment: Deployment) -> "LogEntryQuerySet":
        """Entries of a deployment and of its program."""
        return self.filter(Q(deployment=deployment) | Q(deployment=None, program_id=deployment.program_id))

    def worst_first(self) -> "LogEntryQuerySet":
        """Open ones first, then by score, then the newest."""
        return self.annotate(score_=F("likelihood") * F("impact")).order_by(
            "-state", F("score_").desc(nulls_last=True), "severity", "-created_at", "id"
        )


class LogEntry(TenantModel):
    """One entry, for the host's own people. A risk that happens becomes an issue and keeps its number."""

    class Kind(models.TextChoices):
        """What kind of entry."""

        RISK = "risk", "Risk"
        ISSUE = "issue", "Issue"
        DECISION = "decision", "Decision"

    class Cause(models.TextChoices):
        """The ways in which a tool that works still fails to last (domain.md 1.2)."""

        CHAMPION = "champion_loss", "Champion leaves"
        VENDOR = "vendor_change", "Vendor changes"
        FUNDING = "funding_end", "Funding ends"
        PRIORITY = "priority_shift", "Priorities shift"
        WORKFLOW = "workflow_mismatch", "Does not fit the workflow"
        CONTINUITY = "continuity_gap", "Care stops when the pilot ends"
        APPROVAL = "approval_queue", "Stuck in approvals"
        LOCALIZATION = "localization_gap", "Language or content does not fit"
        OTHER = "other", "Something else"

    class State(models.TextChoices):
        """Where it stands; "open" sorts after "closed"."""

        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Severity(models.IntegerChoices):
        """How bad an issue is."""

        STOPS = 1, "1 Work or care stops"
        HARMS = 2, "2 A way around exists"
        HINDERS = 3, "3 Hinders"
        SMALL = 4, "4 Small"

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    cause = models.CharField(max_length=18, choices=Cause.choices, default=Cause.OTHER)
    title = models.CharField(max_length=160)
    detail = models.TextField(max_length=4000, blank=True)
    response = models.TextField(
        max_length=4000, blank=True, help_text="What is done about it, or why it was decided so"
    )
    likelihood = models.PositiveSmallIntegerField(null=True, help_text="Of a risk: 1 to 5")
    impact = models.PositiveSmallIntegerField(null=True, help_text="Of a risk: 1 to 5")
    severity = models.PositiveSmallIntegerField(null=True, choices=Severity.choices, help_text="Of an issue: 1 to 4")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    due_on = models.DateField(null=True, help_text="When it is looked at again")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=500, blank=True, help_text="How it ended")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(LogEntryQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "program", "number"], name="log_number_once"),
            models.CheckConstraint(condition=Q(kind__in=["risk", "issue", "decision"]), name="log_kind"),
            models.CheckConstraint(condition=Q(state__in=["open", "closed"]), name="log_state"),
            models.CheckConstraint(condition=~Q(state="closed") | Q(closed_at__isnull=False), name="log_closed_at"),
            models.CheckConstraint(
                condition=~Q(kind="risk") | Q(likelihood__range=(1, 5), impact__range=(1, 5)), name="log_risk_scored"
            ),
            models.CheckConstraint(condition=~Q(kind="issue") | Q(severity__range=(1, 4)), name="log_issue_severe"),
        ]
        indexes = [models.Index(fields=["organization", "state", "kind"], name="log_by_state")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def code(self) -> str:
        """What people call it: R3, I12, D4. The number stays when a risk becomes an issue."""
        return f"{self.kind[0].upper()}{self.number}"

    @property
    def score(self) -> int | None:
        """Likelihood by impact of a risk, 1 to 25."""
        return self.likelihood * self.impact if self.likelihood and self.impact else None

    @property
    def weight(self) -> str:
        """How a risk or an issue is shown: "stop", "risk" or "idle"."""
        if self.kind == self.Kind.ISSUE and self.severity:
            return "stop" if self.severity == 1 else "risk" if self.severity == self.Severity.HARMS else "idle"
        score = self.score or 0
        return "stop" if score >= HIGH else "risk" if score >= MIDDLE else "idle"

    @classmethod
    @transaction.atomic
    def write(cls, *, program: Program, deployment: Deployment | None, by: Actor, **values: Any) -> "LogEntry":
        """Write an entry; raise LogRefused for a risk without scores or an issue without its severity."""
        if deployment is not None and deployment.program_id != program.pk:
            raise LogRefused("The deployment belongs to another program.")
        program = Program.locked(program.pk)  # the next number is this one's
        program.log_number += 1
        entry = cls(
            program=program, deployment=deployment, number=program.log_number, created_by_id=by.person_id, **values
        )
        entry._fit()
        program.save(update_fields=["log_number"])
        entry.save(force_insert=True)
        record(audit.ENTRY_WRITTEN, by=by, subject=entry, code=entry.code)
        return entry

    @transaction.atomic
    def change(self, *, by: Actor, **values: Any) -> None:
        """Change what it says; the same again changes nothing."""
        entry = self.locked(self.pk)
        changed = [name for name, value in values.items() if getattr(entry, name) != value]
        if not changed:
            return
        for name in changed:
            setattr(entry, name, values[name])
        entry._fit()
        entry.save(update_fields=changed)
        record(audit.ENTRY_CHANGED, by=by, subject=entry, code=entry.code, fields=sorted(changed))

    @transaction.atomic
    def happen(self, *, by: Actor, severity: int) -> None:
        """Note that a risk has come true: it goes on as an issue under its number."""
        entry = self.locked(self.pk)
        if entry.kind == self.Kind.ISSUE:
            return
        if entry.kind != self.Kind.RISK or entry.state != self.State.OPEN:
            raise LogRefused(f"{entry.code} is no open risk.")
        entry.kind, entry.severity = self.Kind.ISSUE, severity
        entry._fit()
        entry.save(update_fields=["kind", "severity"])
        record(audit.ENTRY_HAPPENED, by=by, subject=entry, code=f"R{entry.number}")

    @transaction.atomic
    def close(self, *, by: Actor, outcome: str) -> None:
        """End it, saying how it ended."""
        entry = self.locked(self.pk)
        if not outcome.strip():
            raise LogRefused("Say how it ended: the next site will read it.")
        if entry.state == self.State.CLOSED:
            return
        entry.state, entry.outcome, entry.closed_at = self.State.CLOSED, outcome, timezone.now()
        entry.save(update_fields=["state", "outcome", "closed_at"])
        record(audit.ENTRY_CLOSED, by=by, subject=entry, code=entry.code)

    @transaction.atomic
    def reopen(self, *, by: Actor) -> None:
        """Take it up again; how it ended before stays in its history."""
        entry = self.locked(self.pk)
        if entry.state == self.State.OPEN:
            return
        entry.state, entry.closed_at = self.State.OPEN, None
        entry.save(update_fields=["state", "closed_at"])
        record(audit.ENTRY_REOPENED, by=by, subject=entry, code=entry.code)

    def _fit(self) -> None:
        if self.kind == self.Kind.RISK and not {self.likelihood, self.impact} <= {1, 2, 3, 4, 5}:
            raise LogRefused("Give a risk its likelihood and its impact, each from 1 to 5.")
        if self.kind == self.Kind.ISSUE and self.severity not in self.Severity.values:
            raise LogRefused("Give an issue its severity, from 1 to 4.")
