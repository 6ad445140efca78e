"""What is late with learning goes up: counted, once a week, to managers and then to owners."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import time_machine
from django.apps import apps

from notices import forecast, planners
from notices.models import Reminder, ReminderPolicy
from tenancy.scope import scope
from training.learning.late_notices import COURSES_LATE, describe
from training.learning.models import Assignment
from training.learning.tests.classroom import Classroom

DUE = date(2026, 11, 16)
"""A Monday."""


def at(day: date) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, 4, 30, tzinfo=UTC), tick=False)


def told(classroom: Classroom) -> dict[str, list[tuple[str, str]]]:
    people = {classroom.world.manager.pk: "manager", classroom.world.owner.pk: "owner"}
    found: dict[str, list[tuple[str, str]]] = {"manager": [], "owner": []}
    for row in Reminder.objects.filter(kind=COURSES_LATE.name, state="due").order_by("on"):
        found[people[row.recipient_id]].append((row.step, row.on.isoformat()))
    return found


def test_a_late_course_is_counted_to_managers_and_later_to_owners_until_it_is_passed(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        Assignment.objects.filter(pk=classroom.assignment.pk).update(
            due_on=DUE, assigned_at=datetime(2026, 11, 2, tzinfo=UTC)
        )
        course = classroom.assignment.course_id
        with at(DUE):
            planners.plan_everything()
            assert told(classroom) == {"manager": [], "owner": []}
        with at(DUE + timedelta(days=2)):
            planners.plan_everything()
            # 3 and 7 working days after the Monday; the second Thursday is Thanksgiving.
            assert told(classroom)["manager"][:2] == [("0", "2026-11-19"), ("+7", "2026-11-26")]
            assert told(classroom)["owner"][:2] == [("0", "2026-11-25"), ("+7", "2026-12-02")]
            about = describe([course])[course]
            assert str(about.title) == f"Late with {classroom.assignment.course.title}: 1"
            assert about.path == "/o/host/training/people/?state=overdue"
            # Under another policy they hear earlier.
            found = forecast.what_if(ReminderPolicy.current(), {"manager_after": 2})
            moved = [
                one.row.on for change in found.changes for one in change.added if one.row.kind == COURSES_LATE.name
            ]
            assert moved == [date(2026, 11, 18), date(2026, 11, 25)]
            Assignment.objects.filter(pk=classroom.assignment.pk).update(due_on=date(2026, 12, 16))
            assert describe([course]) == {}


def test_a_course_is_said_on_working_days_of_its_site(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk), at(DUE):
        Assignment.objects.filter(pk=classroom.assignment.pk).update(due_on=date(2026, 11, 27))
        closed: Any = apps.get_model("deployments", "ClosedDay")
        closed.add(day=date(2026, 11, 27), title="Closed", by=classroom.manager)
        planners.plan_everything()
        rows = Reminder.objects.filter(kind="training.assignment_due", subject_id=classroom.assignment.pk, state="due")
        days = {row.step: row.on for row in rows}
        # The Friday is closed and the Thursday is Thanksgiving: it is due on Wednesday.
        assert (days["0"], days["+1"]) == (date(2026, 11, 25), date(2026, 11, 30))
