"""Windows, movers, joiners to come, and what a tool release asks for."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from tenancy.models import Site
from tenancy.scope import scope
from training.courses.document import CONTENT, load_course
from training.learning.actions.answer_quiz import attest, read_on
from training.learning.actions.apply_rules import apply_rule, move_due_dates
from training.learning.actions.enroll import enroll
from training.learning.actions.move_learner import move_learner
from training.learning.actions.sweep import sweep
from training.learning.actions.take_release import announce_release, preview_release
from training.learning.actions.take_up_version import adopt_course
from training.learning.coverage import coverage_of
from training.learning.models import Assignment, AssignmentRule, LearnerProfile, LessonProgress, Rollout
from training.learning.models.assignment import NotOpen
from training.learning.tests.classroom import GO_LIVE, Classroom

SYSTEM = Actor.system("training audit")
ClientOf = Callable[[User], Client]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(17), UTC)


def passed(classroom: Classroom) -> None:
    classroom.pass_lessons()
    attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)


def figures(classroom: Classroom, day: date) -> dict[str, tuple[int, int]]:
    found = coverage_of([classroom.rollout.pk], day)[classroom.rollout.pk]
    return {role: (figure.passed, figure.required) for role, figure in found.by_role.items()}


def windowed(classroom: Classroom) -> Assignment:
    """The classroom's rule with a training window of six weeks."""
    rule = AssignmentRule.set(
        classroom.version.course, job_role="prescriber", offset_days=-7, window_days=42, by=classroom.manager
    )
    apply_rule(rule, by=classroom.manager)
    return Assignment.objects.select_related("version", "course", "user", "learner").get()


def test_learning_begins_on_the_day_the_window_opens_and_not_before(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        assignment = windowed(classroom)
        opens = GO_LIVE - timedelta(days=42)
        assert (assignment.opens_on, assignment.due_on) == (opens, GO_LIVE - timedelta(days=7))
        with time_machine.travel(noon(opens - timedelta(days=1))), pytest.raises(NotOpen, match="opens on"):
            read_on(assignment, "who-it-helps", 0, by=classroom.learner)
        assert not LessonProgress.objects.exists()
        with time_machine.travel(noon(opens)):
            read_on(assignment, "who-it-helps", 0, by=classroom.learner)
        # Go-live moves away, and the window with it; what was begun stays open.
        move_due_dates(classroom.rollout, GO_LIVE + timedelta(days=60), by=classroom.manager)
        moved = Assignment.objects.get()
        assert moved.opens_on == opens + timedelta(days=60)
        with time_machine.travel(noon(opens + timedelta(days=1))):
            read_on(moved, "who-it-helps", 1, by=classroom.learner)


def test_the_course_page_says_when_the_window_opens(classroom: Classroom, client_of: ClientOf) -> None:
    with scope(classroom.world.host.pk):
        assignment = windowed(classroom)
    with time_machine.travel(noon(GO_LIVE - timedelta(days=60))):
        client = client_of(classroom.world.learner)
        home = f"/o/host/learning/{assignment.pk}/"
        assert client.get(f"{home}lessons/who-it-helps/").headers["Location"] == home
        for path in ("/o/host/learning/", home):
            assert "Opens on" in client.get(path).content.decode()


def test_a_window_that_opens_after_the_due_date_is_refused(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        before = Event.objects.count()
        with pytest.raises(ValueError, match="opens before it is due"):
            AssignmentRule.set(
                classroom.version.course, job_role="billing", offset_days=-14, window_days=7, by=classroom.manager
            )
        assert not AssignmentRule.objects.filter(job_role="billing").exists()
        assert Event.objects.count() == before


def test_a_mover_counts_in_the_old_role_until_the_day_and_in_the_new_one_from_it(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        passed(classroom)
        desk = adopt_course(load_course(CONTENT / "front-desk-enrollment-consent"), by=classroom.manager, source="library")  # fmt: skip
        AssignmentRule.set(desk.course, job_role="front-desk", by=classroom.manager)
        day = date(2027, 1, 11)
        moved = move_learner(classroom.assignment.learner, job_role="front-desk", site=classroom.site, on=day, by=classroom.manager)  # fmt: skip
        assert (moved.started_on, moved.job_role) == (day, "front-desk")
        assert figures(classroom, day - timedelta(days=1)) == {"prescriber": (1, 1)}
        assert figures(classroom, day) == {"front-desk": (0, 1)}
        assert Assignment.objects.filter(learner=moved).get().course_id == desk.course_id


def test_a_mover_takes_along_what_was_passed(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        passed(classroom)
        AssignmentRule.set(classroom.version.course, job_role="care-manager", by=classroom.manager)
        day = date(2027, 1, 11)
        move_learner(classroom.assignment.learner, job_role="care-manager", site=classroom.site, on=day, by=classroom.manager)  # fmt: skip
        assert figures(classroom, day) == {"care-manager": (1, 1)}


def test_a_move_to_the_same_place_is_refused_and_changes_nothing(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        before = Event.objects.count()
        with pytest.raises(ValueError, match="choose another role or site"):
            move_learner(
                classroom.assignment.learner, job_role="prescriber", site=classroom.site, on=GO_LIVE, by=classroom.manager
            )  # fmt: skip
        assert (LearnerProfile.objects.count(), Event.objects.count()) == (1, before)


def test_a_rule_reaches_who_is_to_come_and_they_count_from_their_first_day(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        first = date(2027, 2, 1)
        enroll(classroom.world.contributor, job_role="billing", site=classroom.site, started_on=first, by=classroom.manager)  # fmt: skip
        rule = AssignmentRule.set(classroom.version.course, job_role="billing", by=classroom.manager)
        [touch] = apply_rule(rule, by=classroom.manager)
        assert touch.does == "new"
        assert "billing" not in figures(classroom, first - timedelta(days=1))
        assert figures(classroom, first)["billing"] == (0, 1)


def delta(classroom: Classroom) -> AssignmentRule:
    """A delta module for version 5.0, due a week before it comes."""
    course = adopt_course(load_course(CONTENT / "superuser-support"), by=classroom.manager, source="library").course
    return AssignmentRule.set(
        course, job_role="prescriber", tool_version="5.0", anchor="release", offset_days=-7, by=classroom.manager
    )


def test_a_release_is_previewed_then_assigns_its_delta_module_before_it_comes(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        rule, on = delta(classroom), date(2027, 6, 1)
        assert apply_rule(rule, by=classroom.manager) == []
        [touch] = [one for one in preview_release(classroom.rollout, "5.0", on) if one.does == "new"]
        assert (touch.rule.pk, touch.due_on) == (rule.pk, date(2027, 5, 25))
        assert Assignment.objects.count() == 1
        announce_release(classroom.rollout, "5.0", on, by=classroom.manager)
        assert announce_release(classroom.rollout, "5.0", on, by=classroom.manager) == []
        assert Assignment.objects.get(rule=rule).due_on == date(2027, 5, 25)
        assert Rollout.objects.get().tool_version == "4.2"
        with time_machine.travel(noon(on - timedelta(days=1))):
            sweep(by=SYSTEM)
            assert Rollout.objects.get().tool_version == "4.2"
        with time_machine.travel(noon(on)):
            sweep(by=SYSTEM)
            sweep(by=SYSTEM)
        assert Rollout.objects.get().tool_version == "5.0"
        assert Event.objects.filter(action="rollout.release_arrived").count() == 1


def test_what_was_asked_for_the_old_version_only_ends_with_it(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        old = AssignmentRule.set(
            adopt_course(load_course(CONTENT / "superuser-support"), by=classroom.manager, source="library").course,
            job_role="prescriber", tool_version="4.2", by=classroom.manager,
        )  # fmt: skip
        apply_rule(old, by=classroom.manager)
        assert Assignment.objects.filter(withdrawn_at=None).count() == 2
        announce_release(classroom.rollout, "5.0", date(2026, 11, 2), by=classroom.manager)
        assert Rollout.objects.get().tool_version == "5.0"
        assert [row.rule_id for row in Assignment.objects.filter(withdrawn_at=None)] == [classroom.rule.pk]


def test_a_manager_moves_people_and_announces_a_release(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)
    with scope(classroom.world.host.pk):
        delta(classroom)
        quay = Site.objects.create(name="Quay Street")
    address = f"/o/host/training/deployments/{classroom.rollout.pk}/release/"
    values = {"version": "5.0", "on": "2027-06-01"}
    shown = client.post(address, values).content.decode()
    assert "This touches 2 people" in shown
    assert "Announce the release and assign 1 course" in shown
    assert client.post(address, {**values, "step": "apply"}).status_code == 302
    learner = f"/o/host/training/people/{classroom.assignment.learner_id}/"
    refused = client.post(
        f"{learner}move/", {"job_role": "prescriber", "site": str(classroom.site.pk), "on": "2027-01-11"}
    )
    assert (refused.status_code, "choose another role or site" in refused.content.decode()) == (422, True)
    moved = client.post(f"{learner}move/", {"job_role": "prescriber", "site": str(quay.pk), "on": "2027-01-11"})
    assert moved.status_code == 302
    assert "Quay Street" in client.get(moved.headers["Location"]).content.decode()
    early = client.post(f"{learner}leave/", {"on": "2020-01-01"})
    assert early.status_code == 422
    with scope(classroom.world.host.pk):
        assert LearnerProfile.objects.get(pk=classroom.assignment.learner_id).left_on == date(2027, 1, 11)
