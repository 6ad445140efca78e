"""What learning reminds people of."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from audit.actor import Actor
from notices.kinds import Description, kind
from notices.ladder import HORIZON, OWNER, Plan, plan_many
from notices.models import Reminder, Wanted
from tenancy.models import Organization
from tenancy.scope import current
from training.learning.calendar import organization_today
from training.learning.models import Assignment, Completion
from training.learning.standing import standings
from web.formats import day
from web.language import named

EXPIRY_STEPS = (90, 60, 30)


def describe_assignments(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe courses that are still to be passed; one that is passed, waived or withdrawn needs no message."""
    rows = Assignment.objects.active(organization_today()).filter(pk__in=ids).select_related("course", "site")
    return {
        standing.assignment.pk: Description(
            title=standing.assignment.course.title,
            detail=named(
                "Training · %(role)s at %(site)s",
                role=standing.assignment.learner.role_title,
                site=standing.assignment.site.name,
            ),
            path=_path(standing.assignment.pk),
            due_on=standing.assignment.due_on,
        )
        for standing in standings(rows)
        if standing.open
    }


def describe_completions(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe certificates that run out; one that a newer completion has overtaken needs no message."""
    found = Completion.objects.valid_on(organization_today()).filter(pk__in=ids).select_related("course")
    newest = {
        (row.user_id, row.course_id): row.pk
        for row in Completion.objects.filter(
            user_id__in=[row.user_id for row in found], course_id__in=[row.course_id for row in found], revoked_at=None
        ).order_by("expires_on", "id")
    }
    return {
        row.pk: Description(
            title=named("%(course)s: your certificate runs out", course=row.course.title),
            detail=named("Valid until %(day)s", day=day(row.expires_on)),
            path=_path(row.assignment_id),
            due_on=row.expires_on,
        )
        for row in found
        if newest[row.user_id, row.course_id] == row.pk
    }


ASSIGNMENT_DUE = kind("training.assignment_due", "A course is due", describe=describe_assignments)
ASSIGNMENT_CHASED = kind(
    "training.assignment_chased", "You are asked to finish a course", describe=describe_assignments, apart=True
)
COMPLETION_EXPIRES = kind("training.completion_expires", "A certificate runs out", describe=describe_completions)


def plan_due(assignments: Iterable[Assignment], *, by: Actor) -> None:
    """Bring the reminders of these courses in line with their due dates: before, on the day, and when overdue."""
    rows = {row.pk: row for row in assignments if row.due_on is not None}
    found = Assignment.objects.filter(pk__in=rows, withdrawn_at=None).select_related("user", "site")
    plan_many(
        [
            Plan(row, ASSIGNMENT_DUE, row.due_on, row.site.time_zone, [(row.user, OWNER)])
            for row in found.order_by("id")
        ],
        by=by,
    )


def plan_expiry(completions: Iterable[Completion], today: date) -> None:
    """Remind 90, 60 and 30 days before a certificate runs out."""
    Reminder.schedule(
        Wanted(
            recipient=row.user,
            kind=COMPLETION_EXPIRES,
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            step=f"-{days}",
            on=row.expires_on - timedelta(days=days),
            reason=gettext_noop("It is your certificate."),
        )
        for row in completions
        for days in EXPIRY_STEPS
        if today < row.expires_on - timedelta(days=days) <= today + HORIZON
    )


def forget(assignment_ids: Collection[UUID], *, by: Actor) -> None:
    """Take back what is planned about courses that are passed."""
    Reminder.cancel(assignment_ids, by=by, reason="The course is passed.")


def _path(assignment_id: UUID) -> str:
    slug = Organization.objects.values_list("slug", flat=True).get(pk=current().organization_id)
    return reverse("org:learning:course", kwargs={"org": slug, "assignment": assignment_id})
