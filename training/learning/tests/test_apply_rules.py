"""Rules, due dates and new versions."""

from dataclasses import replace
from datetime import date, timedelta

from audit.models import Event
from tenancy.models import Site
from tenancy.scope import scope
from training.courses.shape import Course
from training.learning.actions.answer_quiz import attest
from training.learning.actions.apply_rules import apply_rule, move_due_dates, preview
from training.learning.actions.enroll import enroll
from training.learning.actions.settle import missing
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule
from training.learning.tests.classroom import GO_LIVE, Classroom


def test_a_rule_previews_whom_it_touches_and_writes_nothing(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        user = classroom.world.contributor
        enroll(user, job_role="front-desk", site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)
        rule = AssignmentRule.set(
            classroom.version.course, job_role="front-desk", offset_days=-14, by=classroom.manager
        )
        before = Assignment.objects.count()
        [touch] = preview(rule)
        assert (touch.learner.user_id, touch.does, touch.due_on) == (user.pk, "new", GO_LIVE - timedelta(days=14))
        assert Assignment.objects.count() == before
        apply_rule(rule, by=classroom.manager)
        assert Assignment.objects.count() == before + 1
        assert apply_rule(rule, by=classroom.manager) == []


def test_a_rule_for_one_site_leaves_the_others_alone(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        elsewhere = Site.objects.create(name="Quay Street")
        rule = AssignmentRule.set(
            classroom.version.course, job_role="prescriber", sites=[elsewhere], by=classroom.manager
        )
        assert preview(rule) == []


def test_due_dates_move_with_go_live(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        assert classroom.assignment.due_on == GO_LIVE - timedelta(days=7)
        moved = move_due_dates(classroom.rollout, date(2027, 4, 6), by=classroom.manager)
        assert (moved, Assignment.objects.get().due_on) == (1, date(2027, 3, 30))
        assert move_due_dates(classroom.rollout, date(2027, 4, 6), by=classroom.manager) == 0
        assert Event.objects.filter(action="rollout.moved").count() == 1


def test_somebody_who_starts_after_go_live_is_due_on_their_first_day(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        start = GO_LIVE + timedelta(days=30)
        enroll(
            classroom.world.contributor,
            job_role="prescriber",
            site=classroom.site,
            started_on=start,
            by=classroom.manager,
        )
        assert Assignment.objects.get(user=classroom.world.contributor).due_on == start


def test_a_material_change_asks_only_for_the_changed_lesson(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        lessons = tuple(
            replace(one, title="Changed") if one.key == "order-and-read" else one for one in prescriber_course.lessons
        )
        adopt_course(
            replace(prescriber_course, version="1.1", change="material", lessons=lessons),
            by=classroom.manager,
            source="library",
        )
        now = Assignment.objects.get()
        assert (now.version.version, missing(now).lessons) == ("1.1", ["order-and-read"])


def test_a_minor_change_asks_for_nothing(classroom: Classroom, prescriber_course: Course) -> None:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        adopt_course(
            replace(prescriber_course, version="1.1", change="minor", summary="Shorter."),
            by=classroom.manager,
            source="library",
        )
        assert not missing(Assignment.objects.get())
