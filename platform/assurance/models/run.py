"""One time that an audit was carried out: what it was drawn from, what it looked at, and who signed it off."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone

from assurance import audit, sampling
from assurance.models.definition import AuditRefused, Definition, calendar, today
from assurance.registry import Extent
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

KEEP, REVOKE = "keep", "revoke"


class AuditRunQuerySet(TenantQuerySet["Run"]):
    """Named filters over runs."""

    def open(self) -> "AuditRunQuerySet":
        """Runs that nobody signed off."""
        return self.filter(state=Run.State.OPEN)

    def with_counts(self) -> "AuditRunQuerySet":
        """With how much failed, stands in no finding, waits for a decision, and was found."""
        waits = Q(lines__holds=None, lines__decision="", lines__finding=None)
        return self.annotate(
            failed=Count("lines", filter=Q(lines__holds=False), distinct=True),
            loose=Count("lines", filter=Q(lines__holds=False, lines__finding=None), distinct=True),
            waiting=Count("lines", filter=waits, distinct=True),
            looked_at=Count("lines", distinct=True),
            open_findings=Count("findings", filter=~Q(findings__state="closed"), distinct=True),
        )


class Run(TenantModel):
    """An audit under way, or done. Its lines are what was looked at; its record is frozen when it is signed off."""

    class State(models.TextChoices):
        """Under way until somebody signs."""

        OPEN = "open", "Under way"
        SIGNED = "signed", "Signed off"

    MOVES: dict[str, set[str]] = {State.OPEN: {State.SIGNED}, State.SIGNED: set()}

    definition: Any = TenantForeignKey(Definition, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField(help_text="1, 2, … of its definition")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    planned_on = models.DateField()
    due_on = models.DateField(help_text="The working day by which it is signed off")
    began_at = models.DateTimeField(default=timezone.now)
    rule = models.JSONField(
        null=True, help_text="What was asked when it began: criteria, sites, and the words for them"
    )
    seed = models.CharField(max_length=16, help_text="The sample can be drawn again with it")
    population = models.PositiveIntegerField()
    population_sha256 = models.CharField(max_length=64)
    late_noted_at = models.DateTimeField(null=True)
    statement = models.CharField(max_length=1000, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    record = models.JSONField(default=dict, help_text="As it stood when it was signed off")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the record's canonical JSON")

    objects = TenantManager.from_queryset(AuditRunQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "definition", "number"], name="assurance_run_once"),
            models.CheckConstraint(condition=Q(state__in=["open", "signed"]), name="assurance_run_state"),
            models.CheckConstraint(
                condition=Q(state="open", signed_by=None, sha256="")
                | (Q(state="signed", signed_by__isnull=False, signed_at__isnull=False) & ~Q(sha256="")),
                name="assurance_run_signed",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "due_on"], name="assurance_run_by_due")]

    def __str__(self) -> str:
        return f"{self.definition.title}, audit {self.number}"

    @property
    def is_whole(self) -> bool:
        """Whether the signed record is what was signed."""
        return self.sha256 == digest(self.record)

    @classmethod
    @transaction.atomic
    def begin(cls, definition: Definition, *, on: date, by: Actor, seed: str = "") -> "Run":
        """Look at everything, or at a sample, as it stands now, and set the day of the next run.

        Once a day at most: a second call returns the run of that day. Raises AuditRefused for an audit that was ended.
        """
        definition = Definition.locked(definition.pk)
        definition._demand_standing()
        standing: Run | None = cls.objects.filter(definition=definition, planned_on=on).first()
        if standing:
            return standing
        check, extent = definition.check_made, definition.extent(on)
        everything = set(check.population(extent))
        seed = seed or sampling.new_seed()
        drawn = sampling.draw(everything, definition.sample, seed)
        run = cls(
            definition=definition,
            number=cls.objects.filter(definition=definition).count() + 1,
            planned_on=on,
            due_on=calendar().shift(on, definition.finish_in),
            rule=definition.as_rule(),
            seed=seed,
            population=len(everything),
            population_sha256=sampling.digest(everything),
        )
        run.save(force_insert=True)
        seen = check.look(drawn, extent)
        Line.objects.bulk_create(
            Line(
                run=run, number=number, subject_type=check.subject_type, subject_id=pk, title=seen[pk].title[:200],
                detail=seen[pk].detail[:200], holds=seen[pk].holds, says=seen[pk].says[:500], path=seen[pk].path[:300],
            )
            for number, pk in enumerate([one for one in drawn if one in seen], 1)
        )  # fmt: skip
        if definition.next_on <= on:  # one that is carried out before its day leaves that day standing
            definition.next_on = definition.following(on)
        definition.save(update_fields=["next_on"])
        record(
            audit.BEGUN, by=by, subject=run, number=run.number, title=definition.title, sampled=len(drawn),
            population=len(everything), seed=seed, population_sha256=run.population_sha256,
        )  # fmt: skip
        return run

    @transaction.atomic
    def note_late(self, *, by: Actor) -> bool:
        """Write down, once, that its day passed without a signature; return whether it was new. The job calls this."""
        run: Run = self.locked(self.pk)
        if run.late_noted_at or run.state == self.State.SIGNED or run.due_on >= today():
            return False
        run.late_noted_at = timezone.now()
        run.save(update_fields=["late_noted_at"])
        about = {"number": run.number, "title": run.definition.title, "due_on": run.due_on.isoformat()}
        record(audit.OVERDUE, by=by, subject=run, **about)
        return True

    @transaction.atomic
    def sign_off(self, *, statement: str, by: Actor) -> None:
        """Freeze the record and sign it; twice is once.

        Raises AuditRefused while something waits, while a finding is open, and for whoever owns a finding of it,
        corrected one, or made its decisions: a second person signs.
        """
        run: Run = self.locked(self.pk)
        if run.state == self.State.SIGNED:
            return
        if refusal := run.refusal(by):
            raise AuditRefused(refusal)
        if not statement.strip():
            raise AuditRefused("Say in a sentence what this audit has shown.")
        run.statement, run.signed_by_id, run.signed_at = statement.strip()[:1000], by.person_id, timezone.now()
        run.state, run.record = self.State.SIGNED, run.as_data()
        run.sha256 = digest(run.record)
        run.save(update_fields=["statement", "signed_by", "signed_at", "state", "record", "sha256"])
        about = {"number": run.number, "title": run.definition.title, "statement": run.statement}
        record(audit.SIGNED_OFF, by=by, subject=run, sha256=run.sha256, **about)

    @property
    def asked(self) -> dict[str, Any]:
        """What it was asked to look at; of a run from before this was kept, what its definition says today."""
        rule: dict[str, Any] = self.rule or self.definition.as_rule()
        return rule

    def extent(self) -> Extent:
        """Return what a new look at its lines is over: its own criteria and sites, as they were when it began."""
        sites = frozenset(map(UUID, self.asked["sites"]))
        now: Extent = self.definition.extent(today())
        return replace(now, criteria=self.asked["criteria"], sites=sites)

    def refusal(self, by: Actor) -> str:
        """Return why this person may not sign it off now, in a sentence; empty where they may."""
        lines = self.lines.filter(decision="", finding=None)
        if waiting := lines.filter(holds=None).count():
            return f"{waiting} of the lines wait for a decision or a finding."
        if failed := lines.filter(holds=False).count():
            return f"{failed} lines do not hold and stand in no finding: raise one, with an owner and a day."
        if self.findings.exclude(state="closed").exists():
            return "A finding is open: it is corrected, looked at again and closed first."
        if self.findings.filter(Q(owner_id=by.id) | Q(corrected_by_id=by.id)).exists():
            return "You own or corrected a finding of this audit: somebody else signs it off."
        if self.lines.filter(decided_by_id=by.id).exists():
            return "You made decisions in this audit: a second person signs it off."
        return ""

    def as_data(self) -> dict[str, Any]:
        """Return the whole audit as JSON."""
        return {
            **self.asked,
            "number": self.number,
            "planned_on": self.planned_on.isoformat(),
            "began_at": self.began_at.isoformat(),
            "sample": {
                "seed": self.seed, "size": self.lines.count(), "population": self.population,
                "population_sha256": self.population_sha256,
            },
            "lines": [one.as_data() for one in self.lines.order_by("number")],
            "findings": [one.as_data() for one in self.findings.order_by("number")],
            "statement": self.statement,
            "signed_by": str(self.signed_by_id) if self.signed_by_id else None,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
        }  # fmt: skip


class Line(TenantModel):
    """One thing that a run looked at, as it stood; and what was decided on it where a person decides."""

    run: Any = TenantForeignKey(Run, on_delete=models.PROTECT, related_name="lines")
    finding: Any = TenantForeignKey("assurance.Finding", on_delete=models.PROTECT, null=True, related_name="lines")
    number = models.PositiveIntegerField()
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=300, blank=True)
    holds = models.BooleanField(null=True)
    says = models.CharField(max_length=500, blank=True)
    decision = models.CharField(max_length=6, blank=True, choices=[(KEEP, "Keep"), (REVOKE, "Revoke")])
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "run", "number"], name="assurance_line_once"),
            models.CheckConstraint(condition=Q(decision__in=["", "keep", "revoke"]), name="assurance_decision"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None) | (~Q(decision="") & Q(decided_by__isnull=False)),
                name="assurance_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def decide(self, decision: str, *, reason: str, by: Actor) -> None:
        """Keep or revoke, with a reason, and carry it out; the same again changes nothing.

        Raises AuditRefused for a run that is signed, a rule that decides by itself, one's own line, and for keeping
        what was revoked: that is given anew, by an invitation. Raises what the carrying out raises.
        """
        run: Run = Run.locked(self.run_id)
        line: Line = self.locked(self.pk)
        if (line.decision, line.reason) == (decision, reason.strip()):
            return
        apply = run.definition.check_made.decide
        if apply is None:
            raise AuditRefused("Nobody decides here: the rule says what holds. Raise a finding instead.")
        if run.state != Run.State.OPEN:
            raise AuditRefused("This audit is signed off and does not change.")
        if decision not in (KEEP, REVOKE) or not reason.strip():
            raise AuditRefused("Choose keep or revoke, and say why: the reason stays in the record.")
        if line.decision == REVOKE:
            raise AuditRefused("This access was revoked: invite the person again instead.")
        apply(line.subject_id, decision, reason.strip(), by)
        line.decision, line.reason = decision, reason.strip()[:500]
        line.decided_by_id, line.decided_at, line.holds = by.person_id, timezone.now(), True
        line.save(update_fields=["decision", "reason", "decided_by", "decided_at", "holds"])
        action = audit.KEPT if decision == KEEP else audit.REVOKED
        record(action, by=by, subject=run, number=run.number, line=line.number, member=str(line.subject_id))

    def as_data(self) -> dict[str, Any]:
        """Return it as the record keeps it: ids, no names of people."""
        return {
            "number": self.number, "subject_type": self.subject_type, "subject": str(self.subject_id), "holds": self.holds,
            "says": self.says, "decision": self.decision, "reason": self.reason,
            "decided_by": str(self.decided_by_id) if self.decided_by_id else None,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
        }  # fmt: skip


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the content's canonical JSON: sorted keys, nothing between them, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
