"""What training does by itself: follow deployments, remind, sweep at night."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from audit.actor import Actor
from audit.models import Event
from config.reactions import REACTIONS
from facts.models import Fact
from notices.ladder import plan_many
from notices.models import Reminder
from onboarding.plans.actions.move_dates import move_go_live
from tenancy.scope import scope
from testing.scenes import Scene
from training.courses.shape import Course
from training.learning import notices, tasks
from training.learning.actions.answer_quiz import attest
from training.learning.actions.chase import chase
from training.learning.actions.decide_exemption import decide_exemption
from training.learning.actions.enroll import enroll
from training.learning.actions.sweep import sweep
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Completion, Exemption, Rollout
from training.learning.tests.classroom import DEPLOYMENT, GO_LIVE, Classroom

SYSTEM = Actor.system("training audit")


def happened(scene: Scene, action: str) -> Event:
    return Event.objects.filter(action=action, deployment_id=scene.deployment.pk).latest("id")


@pytest.fixture
def planned(scene: Scene, prescriber_course: Course) -> Scene:
    """The scene with a rule and a prescriber, and its planning carried over."""
    host = scene.world.host.pk
    with scope(host):
        version = adopt_course(prescriber_course, by=scene.manager, source="library")
        AssignmentRule.set(version.course, job_role="prescriber", by=scene.manager)
        enroll(
            scene.world.learner, job_role="prescriber", site=scene.site, started_on=date(2026, 11, 1), by=scene.manager
        )
        event = happened(scene, "deployment.planned")
    tasks.open_rollout(str(host), str(event.pk))
    tasks.open_rollout(str(host), str(event.pk))
    return scene


def test_a_planned_deployment_is_assigned_by_the_rules_in_force(planned: Scene) -> None:
    assert "training.learning.tasks.open_rollout" in REACTIONS["deployment.planned"]
    with scope(planned.world.host.pk):
        rollout = Rollout.objects.get()
        assert (rollout.pk, rollout.title, rollout.tool_version) == (planned.deployment.pk, "Stillwater CBT", "4.2")
        assert Assignment.objects.get().due_on == planned.deployment.go_live_on - timedelta(days=7)
        coverage = Fact.objects.about(planned.deployment.pk).filter(kind="training.coverage").current().get()
        assert coverage.value == 0


def test_due_dates_follow_a_moved_go_live(planned: Scene) -> None:
    host = planned.world.host.pk
    with scope(host):
        move_go_live(planned.deployment, date(2027, 4, 6), reason="Interface late", by=planned.manager)
        event = happened(planned, "deployment.go_live_moved")
    tasks.follow_go_live(str(host), str(event.pk))
    with scope(host):
        assert Assignment.objects.get().due_on == date(2027, 3, 30)


def test_a_learner_is_reminded_before_the_day_and_no_more_once_passed(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk), time_machine.travel(datetime(2027, 2, 10, 12, tzinfo=UTC), tick=False):
        sweep(by=SYSTEM)
        planned = Reminder.objects.filter(kind="training.assignment_due")
        assert planned.unclaimed().exists()
        assert set(planned.values_list("recipient_id", flat=True)) == {classroom.world.learner.pk}
        count = planned.count()
        sweep(by=SYSTEM)
        assert planned.count() == count
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        assert not planned.unclaimed().exists()


def test_a_certificate_that_runs_out_is_announced_at_ninety_sixty_and_thirty_days(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        expires = Completion.objects.get().expires_on
        for before in (100, 70, 40):
            day = expires - timedelta(days=before)
            with time_machine.travel(datetime(day.year, day.month, day.day, 17, tzinfo=UTC), tick=False):
                sweep(by=SYSTEM)
        planned = Reminder.objects.filter(kind="training.completion_expires").order_by("on")
        assert [(row.step, (expires - row.on).days) for row in planned] == [("-90", 90), ("-60", 60), ("-30", 30)]


def test_chasing_asks_each_open_learner_once_a_day(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        ids = [classroom.assignment.pk]
        assert chase(ids, by=classroom.manager) == 1
        assert chase(ids, by=classroom.manager) == 0
        reminder = Reminder.objects.get(kind="training.assignment_chased")
        assert (reminder.recipient_id, reminder.apart) == (classroom.world.learner.pk, True)
        assert Event.objects.filter(action="learner.reminded").count() == 1


def test_the_night_states_every_running_deployment_anew(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        before = Fact.objects.about(DEPLOYMENT).filter(kind="training.coverage").current().get().observed_at
        with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False):
            counts = sweep(by=SYSTEM)
        assert (counts["deployments"], counts["overdue"], counts["renewed"]) == (1, 1, 0)
        after = Fact.objects.about(DEPLOYMENT).filter(kind="training.coverage").current().get()
        assert after.observed_at > before
        assert date(2027, 3, 1) < GO_LIVE


@pytest.mark.parametrize(("days", "expected"), [(45, {("-30", 15)}), (20, {("lapsed", 21)})])
def test_a_waiver_of_a_course_is_announced_before_it_ends_and_on_the_day_after(
    classroom: Classroom, days: int, expected: set[tuple[str, int]]
) -> None:
    with scope(classroom.world.host.pk), time_machine.travel(datetime(2026, 11, 16, 12, tzinfo=UTC), tick=False):
        today = date(2026, 11, 16)
        assignment = Assignment.objects.get(pk=classroom.assignment.pk)
        asked = Exemption.ask(
            assignment, kind="waiver", reason="On leave", until=today + timedelta(days=days), by=classroom.manager
        )
        assert list(notices.waivers()) == []  # nobody has granted it
        decide_exemption(asked, granted=True, by=classroom.by(classroom.world.owner))
        plan_many(notices.waivers(), by=SYSTEM)
        rows = Reminder.objects.filter(kind="training.waiver_ends")
        assert {(row.step, (row.on - today).days) for row in rows} == expected
        assert set(rows.values_list("recipient_id", flat=True)) == {classroom.world.learner.pk}
        assert notices.describe_waivers([asked.pk])[asked.pk].due_on == asked.until
