"""What learning reminds people of."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from audit.actor import Actor
from notices import calendars
from notices.kinds import EXPIRY, Description, kind
from notices.ladder import OWNER, SAID_FOR, Plan, plan_many
from notices.models import Reminder
from notices.planners import planner
from tenancy.models import Organization
from training.learning.calendar import organization_today
from training.learning.late_notices import COURSES_LATE, first_days, plans
from training.learning.models import Assignment, Completion, Exemption
from training.learning.standing import everybodys, standings
from web.formats import day
from web.language import named


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
            path=_path(standing.assignment.pk, "next"),
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
            path=_path(row.assignment_id, "course"),
            due_on=row.expires_on,
        )
        for row in found
        if newest[row.user_id, row.course_id] == row.pk
    }


def describe_waivers(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe waivers that end, or ended lately while the course is still wanted."""
    found = Exemption.objects.waivers_on(organization_today() - SAID_FOR).filter(
        pk__in=ids, assignment__withdrawn_at=None
    )
    return {
        row.pk: Description(
            title=named("%(course)s: your waiver ends", course=row.assignment.course.title),
            detail=named("Not asked of you until %(day)s", day=day(row.until)),
            path=_path(row.assignment_id, "course"),
            due_on=row.until,
        )
        for row in found.select_related("assignment__course")
    }


ASSIGNMENT_DUE = kind("training.assignment_due", "A course is due", describe=describe_assignments)
ASSIGNMENT_CHASED = kind(
    "training.assignment_chased", "You are asked to finish a course", describe=describe_assignments, apart=True
)
COMPLETION_EXPIRES = kind(
    "training.completion_expires", "A certificate runs out", describe=describe_completions, ladder=EXPIRY
)
WAIVER_ENDS = kind("training.waiver_ends", "A waiver of a course ends", describe=describe_waivers, ladder=EXPIRY)


@planner(ASSIGNMENT_DUE, COMPLETION_EXPIRES, COURSES_LATE)
def courses() -> Iterable[Plan]:
    """Courses to be passed, certificates that run out, and courses with which somebody is late."""
    today = organization_today()
    late: dict[UUID, date] = {}
    for found in everybodys(today):
        for course, due_on in first_days(found):
            late[course] = min(due_on, late.get(course, due_on))
        kept = {standing.completion.pk for standing in found if standing.completion}
        yield from _courses_due([standing.assignment for standing in found if standing.open])
        yield from _certificates(Completion.objects.filter(pk__in=kept).select_related("user").order_by("id"))
    yield from plans(late)


@planner(WAIVER_ENDS)
def waivers() -> Iterable[Plan]:
    """Waivers of courses: before they end, and on the day after."""
    found = Exemption.objects.waivers_on(organization_today() - timedelta(days=1)).filter(assignment__withdrawn_at=None)
    reasons = {OWNER: gettext_noop("It is your course.")}
    for row in found.select_related("assignment__user", "assignment__site").order_by("id"):
        person, zone = row.assignment.user, row.assignment.site.time_zone
        yield Plan(row, WAIVER_ENDS, row.until, zone, [(person, OWNER)], lapses=True, reasons=reasons, personal=True)


def plan_due(assignments: Iterable[Assignment], *, by: Actor) -> None:
    """Bring the reminders of these courses in line with their due dates: before, on the day, and when overdue."""
    plan_many(_courses_due(assignments), by=by)


def _courses_due(assignments: Iterable[Assignment]) -> list[Plan]:
    rows = {row.pk: row for row in assignments if row.due_on is not None}
    found = Assignment.objects.filter(pk__in=rows, withdrawn_at=None).select_related("user", "site")
    listed = list(found.order_by("id"))
    by_site = calendars.of_sites(row.site for row in listed)
    return [
        Plan(
            row,
            ASSIGNMENT_DUE,
            row.due_on,
            row.site.time_zone,
            [(row.user, OWNER)],
            by_site[row.site_id],
            personal=True,
        )
        for row in listed
    ]


def plan_expiry(completions: Iterable[Completion], *, by: Actor) -> None:
    """Remind before a certificate runs out, 90, 60 and 30 days unless the policy says otherwise."""
    plan_many(_certificates(completions), by=by)


def _certificates(completions: Iterable[Completion]) -> list[Plan]:
    reasons = {OWNER: gettext_noop("It is your certificate.")}
    return [
        Plan(row, COMPLETION_EXPIRES, row.expires_on, "", [(row.user, OWNER)], reasons=reasons, personal=True)
        for row in completions
    ]


def forget(assignment_ids: Collection[UUID], *, by: Actor) -> None:
    """Take back what is planned about courses that are passed."""
    Reminder.cancel(assignment_ids, by=by, reason="The course is passed.")


def _path(assignment_id: UUID, page: str) -> str:
    slug = Organization.slug_in_scope()
    return reverse(f"org:learning:{page}", kwargs={"org": slug, "assignment": assignment_id})
