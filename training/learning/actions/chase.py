"""Remind learners who have something open, at most once a day each."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record_many
from notices.models import Reminder, Wanted
from training.learning import audit
from training.learning.calendar import organization_today
from training.learning.models import Assignment
from training.learning.notices import ASSIGNMENT_CHASED
from training.learning.standing import standings


@transaction.atomic
def chase(assignment_ids: Collection[UUID], *, by: Actor) -> int:
    """Ask the learners of these assignments, as far as they are open, to finish; return how many are asked now."""
    today = organization_today()
    rows = Assignment.objects.active(today).filter(pk__in=assignment_ids).select_related("user", "site", "course")
    asked_today = set(
        Reminder.objects.filter(kind=ASSIGNMENT_CHASED.name, on=today, subject_id__in=assignment_ids).values_list(
            "subject_id", flat=True
        )
    )
    wanted = [
        standing.assignment
        for standing in standings(rows.order_by("id"), today)
        if standing.open and standing.assignment.pk not in asked_today
    ]
    Reminder.schedule(
        Wanted(
            recipient=row.user,
            kind=ASSIGNMENT_CHASED,
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            step="chase",
            on=today,
            reason=f"{by.name} asks you to finish it.",
            zone=row.site.time_zone,
            deployment_id=row.deployment_id,
        )
        for row in wanted
    )
    record_many(
        audit.LEARNERS_REMINDED,
        by=by,
        subjects=[(row, {"course": row.course.title, "user": str(row.user_id)}) for row in wanted],
    )
    return len(wanted)
