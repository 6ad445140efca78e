"""Carry running assignments to a course's new version."""

from datetime import timedelta

from django.db import transaction

from audit.actor import Actor
from audit.models.event import record
from training.courses.models import CourseVersion
from training.courses.shape import Course
from training.learning import audit
from training.learning.actions.settle import missing
from training.learning.calendar import organization_today
from training.learning.facts import state_training
from training.learning.models import Assignment

DAYS_TO_CATCH_UP = 30


@transaction.atomic
def adopt_course(document: Course, *, by: Actor, source: str) -> CourseVersion:
    """Adopt a course into the library and carry its assignments to it: what still holds is not asked again."""
    version = CourseVersion.adopt(document, by=by, source=source)
    older = Assignment.objects.filter(course_id=version.course_id, withdrawn_at=None).exclude(version=version)
    rows = list(older.select_for_update(no_key=True, of=("self",)).select_related("course", "user").order_by("pk"))
    if not rows or version.course.current.pk != version.pk:
        return version
    catch_up = organization_today() + timedelta(days=DAYS_TO_CATCH_UP)
    for assignment in rows:
        was_done = not missing(assignment)
        assignment.version = version
        assignment.save(update_fields=["version"])
        if was_done and missing(assignment) and (assignment.due_on is None or assignment.due_on < catch_up):
            assignment.move(catch_up, by=by)
    record(
        audit.VERSION_TAKEN_UP,
        by=by,
        subject=version,
        count=len(rows),
        course=version.title,
        version=version.version,
    )
    state_training({assignment.deployment_id for assignment in rows})
    return version
