"""A course passed: valid for what it covered, until it expires or is revoked."""

import base64
import secrets
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from training.courses.models import Course, CourseVersion
from training.learning import audit
from training.learning.calendar import months_later, organization_today
from training.learning.models.assignment import Assignment


def new_code() -> str:
    """Return 160 random bits as 32 letters and digits: what a certificate is verified by."""
    return base64.b32encode(secrets.token_bytes(20)).decode().lower()


class CompletionQuerySet(TenantQuerySet["Completion"]):
    """Named filters over completions."""

    def valid_on(self, day: date) -> "CompletionQuerySet":
        """Neither expired nor revoked."""
        return self.filter(revoked_at=None, expires_on__gte=day)

    def of_round(self, assignment: Assignment) -> "CompletionQuerySet":
        """What stands of the assignment's present round."""
        return self.filter(assignment=assignment, cycle=assignment.cycle, revoked_at=None)

    def newest_first(self) -> "CompletionQuerySet":
        """By passing."""
        return self.order_by("-passed_at", "-id")


class Completion(TenantModel):
    """Whose, of which version, and which lesson marks it covers: a later version asks `CourseVersion.satisfied_by`."""

    part_of = "assignment"

    class Kind(models.TextChoices):
        """How it came about."""

        PASSED = "passed", "Passed"
        EQUIVALENCE = "equivalence", "Equivalence"
        IMPORTED = "imported", "Passed in another system"

    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="completions")
    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    course: Any = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    version: Any = TenantForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PASSED)
    cycle = models.PositiveSmallIntegerField()
    marks = models.JSONField()
    printed_name = models.CharField(max_length=120, help_text="The learner's name on that day")
    code = models.CharField(max_length=40, default=new_code, editable=False, help_text="On the certificate")
    passed_at = models.DateTimeField()
    expires_on = models.DateField(help_text="The last day on which it holds")
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=300, blank=True)

    objects = TenantManager.from_queryset(CompletionQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "assignment", "version", "cycle"], name="completion_once_per_round"
            ),
            models.UniqueConstraint(fields=["organization", "code"], name="completion_code_once"),
            models.CheckConstraint(condition=Q(kind__in=["passed", "equivalence", "imported"]), name="completion_kind"),
        ]
        indexes = [models.Index(fields=["organization", "user", "course", "-expires_on"], name="completion_by_user")]

    @classmethod
    @transaction.atomic
    def reach(
        cls,
        assignment: Assignment,
        *,
        by: Actor,
        kind: str = Kind.PASSED,
        on: date | None = None,
        until: date | None = None,
    ) -> "Completion":
        """Write the completion of this round and version, or return the one that stands.

        A changed lesson that is made up for does not renew the others: the round's earlier date stays, unless the
        version asked for everything anew. `on` and `until` are told by another system.
        """
        standing = cls.objects.filter(
            assignment=assignment, version_id=assignment.version_id, cycle=assignment.cycle
        ).first()
        if standing:
            return standing
        now = timezone.now() if on is None else datetime.combine(on, time(12), UTC)
        content = assignment.version.content
        term = until or months_later(organization_today(now), content.expires_months)
        row = cls(
            assignment=assignment,
            user_id=assignment.user_id,
            course_id=assignment.course_id,
            version=assignment.version,
            kind=kind,
            cycle=assignment.cycle,
            marks=assignment.version.marks,
            printed_name=str(assignment.user),
            passed_at=now,
            expires_on=min([term, *cls._kept(assignment)]),
        )
        row.save(force_insert=True)
        record(
            audit.COMPLETED,
            by=by,
            subject=row,
            deployment_id=assignment.deployment_id,
            course=content.title,
            version=assignment.version.version,
            expires_on=row.expires_on.isoformat(),
        )
        return row

    @classmethod
    def _kept(cls, assignment: Assignment) -> list[date]:
        """Return until when the parts hold that were passed before in this round and still count."""
        marks = assignment.version.marks.items()
        earlier = cls.objects.of_round(assignment).order_by("passed_at", "id")
        return [row.expires_on for row in earlier if marks & row.marks.items()]

    @transaction.atomic
    def revoke(self, because: str, *, by: Actor) -> None:
        """Take the completion back with a reason; raise ValueError without one."""
        if not because.strip():
            raise ValueError("Say why the completion is revoked.")
        row = self.locked(self.pk)
        if row.revoked_at:
            return
        row.revoked_at, row.revoked_because = timezone.now(), because.strip()[:300]
        row.save(update_fields=["revoked_at", "revoked_because"])
        record(
            audit.COMPLETION_REVOKED,
            by=by,
            subject=row,
            deployment_id=row.assignment.deployment_id,
            course=row.course.title,
        )
        self.revoked_at, self.revoked_because = row.revoked_at, row.revoked_because
