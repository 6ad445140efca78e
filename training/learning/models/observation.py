"""What a superuser saw the learner do."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import TenantModel
from training.learning import audit
from training.learning.models.assignment import Assignment


class NotObserved(ValueError):
    """The observation cannot be taken; the message says why."""


class ObservedCompetency(TenantModel):
    """A signed checklist: which things were seen, by whom, when. All of them seen is a pass."""

    append_only = True
    part_of = "assignment"

    assignment: Any = TenantForeignKey(Assignment, on_delete=models.PROTECT, related_name="observations")
    cycle = models.PositiveSmallIntegerField()
    observer_id = models.UUIDField()
    observer_name = models.CharField(max_length=120)
    seen = ArrayField(models.CharField(max_length=80))
    missing = ArrayField(models.CharField(max_length=80), default=list)
    note = models.TextField(blank=True)
    observed_at = models.DateTimeField(default=timezone.now)

    @property
    def passed(self) -> bool:
        """Whether everything was seen."""
        return not self.missing

    @classmethod
    @transaction.atomic
    def sign(cls, assignment: Assignment, *, seen: list[str], note: str, by: Actor) -> "ObservedCompetency":
        """Sign what was seen; raise NotObserved for one's own competency or a course without a checklist."""
        if by.id is None or by.may_not_be(assignment.user_id):
            raise NotObserved("Somebody else watches: nobody signs their own competency.")
        assignment = Assignment.locked(assignment.pk)
        wanted = assignment.version.content.observation
        if wanted is None:
            raise NotObserved("This course has no checklist to observe.")
        standing = cls.passing(assignment)
        if standing:
            return standing
        keys = [item.key for item in wanted.items]
        if unknown := sorted(set(seen) - set(keys)):
            raise NotObserved(f"Not on the checklist: {', '.join(unknown)}.")
        row = cls(
            assignment=assignment,
            cycle=assignment.cycle,
            observer_id=by.id,
            observer_name=by.name,
            seen=[key for key in keys if key in seen],
            missing=[key for key in keys if key not in seen],
            note=note.strip(),
        )
        row.save(force_insert=True)
        record(
            audit.OBSERVED, by=by, subject=row, deployment_id=assignment.deployment_id, course=assignment.course.title
        )
        return row

    @classmethod
    def passing(cls, assignment: Assignment) -> "ObservedCompetency | None":
        """Return the observation of this round in which everything was seen."""
        return cls.objects.filter(assignment=assignment, cycle=assignment.cycle, missing=[]).first()
