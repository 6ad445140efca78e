"""A classroom: the cast with a site, a deployment to train for, the prescriber's course and its learner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from accounts.models import Membership, User
from audit.actor import Actor
from tenancy.models import Site
from tenancy.scope import scope
from training.courses.document import CONTENT
from training.courses.models import CourseVersion
from training.courses.shape import Course
from training.learning.actions.answer_quiz import answer_question, read_on
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Attempt, LessonProgress, Rollout
from training.learning.steps import readings

if TYPE_CHECKING:  # the isolation suite teaches here too, where pytest is not installed
    from testing.cast import World

DEPLOYMENT = UUID("019ab000-0000-7000-8000-000000000001")
GO_LIVE = date(2027, 3, 2)


@dataclass(frozen=True, slots=True)
class Classroom:
    """One prescriber at Main Street, who has to pass the risk protocol before Stillwater CBT goes live there."""

    world: World
    site: Site
    rollout: Rollout
    version: CourseVersion
    rule: AssignmentRule
    assignment: Assignment

    def by(self, user: User) -> Actor:
        """Return a host's person as an actor; in the host's scope."""
        return Membership.objects.active().get(user=user).actor

    @property
    def manager(self) -> Actor:
        """The host's implementation manager."""
        return self.by(self.world.manager)

    @property
    def learner(self) -> Actor:
        """The prescriber."""
        return self.by(self.world.learner)

    def read(self, lesson: str, assignment: Assignment | None = None) -> LessonProgress:
        """Read all of a lesson, up to its quiz."""
        found = assignment or self.assignment
        by = self.by(found.user)
        progress = LessonProgress.open(found, lesson, by=by)
        for step in range(len(readings(found.version.content, lesson)) + 1):
            progress = read_on(found, lesson, step, by=by)
        return progress

    def answer(self, attempt: Attempt, *, wrong: tuple[str, ...] = (), assignment: Assignment | None = None) -> None:
        """Answer everything that is open, right but for the questions named."""
        found = assignment or self.assignment
        for entry in attempt.questions:
            question = attempt.question(entry["key"])
            right = [number for number, option in enumerate(question.answers) if option.correct]
            other = [number for number, option in enumerate(question.answers) if not option.correct][:1]
            answer_question(
                found,
                attempt,
                question.key,
                other if question.key in wrong else right,
                token=uuid4(),
                by=self.by(found.user),
            )

    def pass_lessons(self, assignment: Assignment | None = None) -> None:
        """Pass every lesson and the final test of the course."""
        found = assignment or self.assignment
        for lesson in found.version.content_keys:
            progress = self.read(lesson, found)
            if progress.passed_at is None:
                attempt = Attempt.running(progress)
                assert attempt is not None
                self.answer(attempt, assignment=found)


def shipped_media(course: Course) -> dict[str, bytes]:
    """Return the media files of a starter by name."""
    return {file.name: (CONTENT / course.key / "media" / file.name).read_bytes() for file in course.media}


def arrange(world: World, course: Course) -> Classroom:
    """The host with one learner assigned."""
    with scope(world.host.pk):
        by = Membership.objects.active().get(user=world.manager).actor
        site = Site.objects.create(name="Main Street", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
        rollout = Rollout.introduce(
            DEPLOYMENT, title="Stillwater CBT", tool_version="4.2", site=site, go_live_on=GO_LIVE, by=by
        )
        version = adopt_course(course, by=by, source="library")
        rule = AssignmentRule.set(version.course, job_role="prescriber", offset_days=-7, by=by)
        enroll(world.learner, job_role="prescriber", site=site, started_on=date(2026, 11, 1), by=by)
        apply_rule(rule, by=by)
        assignment = Assignment.objects.select_related("learner", "version", "course", "user").get()
    return Classroom(world, site, rollout, version, rule, assignment)
