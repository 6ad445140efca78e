"""What is late with learning goes up, counted and not by name: once a week for each course, first to those who manage, then to
those who own the organization. Whoever is late was reminded all along (`notices`)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_noop

from access.permissions import Role
from notices import calendars, planners
from notices.kinds import WEEKLY, Description, kind
from notices.ladder import OWNER, SPONSOR, Plan
from notices.reach import Hearers
from tenancy.models import Organization
from tenancy.scope import current
from training.courses.models import Course
from training.learning.calendar import organization_today
from training.learning.models import Assignment
from training.learning.standing import Standing, standings
from web.addresses import reverse
from web.language import named


def describe(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe courses with which somebody is late."""
    today = organization_today()
    past = Assignment.objects.active(today).filter(course_id__in=ids, due_on__lt=today, required=True)
    late = Counter(standing.assignment.course_id for standing in standings(past, today) if standing.overdue)
    address = reverse("org:training:people", kwargs={"org": Organization.slug_in_scope()}) + "?state=overdue"
    return {
        course.pk: Description(
            named("Late with %(course)s: %(num)s", course=course.title, num=f"{late[course.pk]:,}"),
            named("People whose day has passed; each was reminded"),
            address,
        )
        for course in Course.objects.filter(pk__in=late)
    }


COURSES_LATE = kind("training.courses_late", "People are late with a course", describe=describe, ladder=WEEKLY)
REASONS = {
    OWNER: gettext_noop("You manage the implementation, and it is late."),
    SPONSOR: gettext_noop("You own the organization, and it is late still."),
}


def first_days(found: Iterable[Standing]) -> Iterable[tuple[UUID, date]]:
    """Yield each course with which somebody is late, with the day on which the first had to be done."""
    for standing in found:
        due_on = standing.assignment.due_on
        if due_on is not None and standing.assignment.required and standing.overdue:
            yield standing.assignment.course_id, due_on


def plans(late: Mapping[UUID, date]) -> Iterable[Plan]:
    """Return the plans of courses with which somebody is late, by the policy's days for manager and sponsor."""
    if not late:
        return
    rules = planners.policy().rules()
    home = Organization.objects.get(pk=current().organization_id)
    calendar, hearers = calendars.of_the_organization(), Hearers(())
    above = (
        (OWNER, rules.manager_after, hearers.instead(None)),
        (SPONSOR, rules.sponsor_after, hearers.in_charge(Role.OWNER, None)),
    )
    for course in Course.objects.filter(pk__in=late).order_by("pk"):
        due_on = late[course.pk]
        for role, after, people in above:
            since = calendar.shift(calendar.on_or_before(due_on), after)
            told = [(person, role) for person in people]
            yield Plan(course, COURSES_LATE, since, home.time_zone, told, calendar, reasons=REASONS, personal=True)
