"""A course that a learner has to pass. Its state is computed from rows: progress, attempts, signatures, completions."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel
from training.courses.models import Course, CourseVersion
from training.learning import audit
from training.learning.models.learner import LearnerProfile
from training.learning.models.rule import AssignmentRule
from web.formats import day


class NotOpen(ValueError):
    """The training window has not opened yet; the message says when it does."""


class NotYours(PermissionError):
    """Only the learner themselves learns, answers and signs."""


class AssignmentQuerySet(TenantQuerySet["Assignment"]):
    """Named filters over assignments."""

    def active(self, day: date) -> "AssignmentQuerySet":
        """Not withdrawn, of learners who are there on that day."""
        return (
            self.filter(withdrawn_at=None, learner__started_on__lte=day)
            .filter(Q(learner__left_on=None) | Q(learner__left_on__gt=day))
            .select_related("learner")
        )

    def of_user(self, user_id: UUID) -> "AssignmentQuerySet":
        """One person's own."""
        return self.filter(user_id=user_id)

    def of_deployment(self, deployment_id: UUID) -> "AssignmentQuerySet":
        """What a deployment asks for."""
        return self.filter(deployment_id=deployment_id)


class Assignment(TenantModel):
    """A learner, a course in its current version, and the day by which it is to be passed.

    `cycle` counts the rounds: each renewal before an expiry begins a new one, and passes hold within their round.
    """

    learner: Any = TenantForeignKey(LearnerProfile, on_delete=models.PROTECT, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.PROTECT, db_index=False, related_name="+")
    course: Any = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="assignments")
    version: Any = TenantForeignKey(CourseVersion, on_delete=models.PROTECT, related_name="assignments")
    site: Any = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    deployment_id = models.UUIDField(null=True)
    rule: Any = TenantForeignKey(AssignmentRule, on_delete=models.SET_NULL, null=True, related_name="assignments")
    required = models.BooleanField(default=True)
    due_on = models.DateField(null=True)
    opens_on = models.DateField(null=True, help_text="Learning begins on this day or later; empty: at once")
    cycle = models.PositiveSmallIntegerField(default=1)
    assigned_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(AssignmentQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "learner", "course", "deployment_id"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="assignment_once",
            )
        ]
        indexes = [
            models.Index(fields=["organization", "user", "due_on"], name="assignment_by_user"),
            models.Index(fields=["organization", "deployment_id"], name="assignment_by_deployment"),
        ]

    def __str__(self) -> str:
        return f"{self.course.title} ({self.learner.job_role})"

    @classmethod
    @transaction.atomic
    def assign(
        cls,
        learner: LearnerProfile,
        course: Course,
        *,
        by: Actor,
        due_on: date | None,
        opens_on: date | None = None,
        deployment_id: UUID | None = None,
        rule: AssignmentRule | None = None,
        required: bool = True,
    ) -> "Assignment":
        """Assign the course's current version, or return the assignment that stands."""
        standing = cls.objects.filter(
            learner=learner, course=course, deployment_id=deployment_id, withdrawn_at=None
        ).first()
        if standing:
            return standing
        assignment = cls(
            learner=learner,
            user_id=learner.user_id,
            course=course,
            version=course.current,
            site_id=learner.site_id,
            deployment_id=deployment_id,
            rule=rule,
            required=required,
            due_on=due_on,
            opens_on=opens_on,
        )
        assignment.save(force_insert=True)
        record(
            audit.ASSIGNED,
            by=by,
            subject=assignment,
            course=course.title,
            due_on=due_on.isoformat() if due_on else None,
            user=str(learner.user_id),
        )
        return assignment

    @transaction.atomic
    def move(self, due_on: date | None, *, opens_on: date | None = None, by: Actor) -> bool:
        """Give it another due date, and another day on which it opens; return whether anything changed."""
        assignment = self.locked(self.pk)
        if (assignment.due_on, assignment.opens_on) == (due_on, opens_on):
            return False
        before, assignment.due_on, assignment.opens_on = assignment.due_on, due_on, opens_on
        assignment.save(update_fields=["due_on", "opens_on"])
        record(
            audit.ASSIGNMENT_MOVED,
            by=by,
            subject=assignment,
            course=assignment.course.title,
            before=before.isoformat() if before else None,
            after=due_on.isoformat() if due_on else None,
        )
        self.due_on, self.opens_on = due_on, opens_on
        return True

    @transaction.atomic
    def withdraw(self, *, by: Actor) -> None:
        """Take the course back; what was learned stays on record."""
        assignment = self.locked(self.pk)
        if assignment.withdrawn_at:
            return
        assignment.withdrawn_at = self.withdrawn_at = timezone.now()
        assignment.save(update_fields=["withdrawn_at"])
        record(audit.ASSIGNMENT_WITHDRAWN, by=by, subject=assignment, course=assignment.course.title)

    @transaction.atomic
    def renew(self, due_on: date, *, after: int, by: Actor) -> bool:
        """Begin the round that follows round `after`, in the course's current version; once, however often it is asked."""
        assignment = self.locked(self.pk)
        if assignment.cycle != after:
            return False
        assignment.cycle += 1
        assignment.due_on = due_on
        assignment.opens_on = None
        assignment.version = assignment.course.current
        assignment.save(update_fields=["cycle", "due_on", "opens_on", "version"])
        record(
            audit.ASSIGNMENT_RENEWED,
            by=by,
            subject=assignment,
            course=assignment.course.title,
            due_on=due_on.isoformat(),
            cycle=assignment.cycle,
        )
        self.cycle, self.due_on, self.version = assignment.cycle, due_on, assignment.version
        return True

    def demand_open(self, today: date) -> None:
        """Raise NotOpen before the training window opens; what was begun may be finished."""
        if self.opens_on and today < self.opens_on and not self.progress.exists():
            raise NotOpen(_("This course opens on %(day)s.") % {"day": day(self.opens_on)})

    def demand_own(self, by: Actor) -> None:
        """Raise NotYours unless the actor is the learner."""
        if by.id is None or by.id != self.user_id:
            raise NotYours("Only the learner themselves can do this.")
