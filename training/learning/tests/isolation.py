"""What the isolation suite needs to know about a learner's own pages."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from tenancy.models import Site
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, builds, ids, operation
from training.courses import document
from training.learning.actions.answer_quiz import read_on
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Attempt, LessonProgress, Rollout
from training.learning.steps import readings

LESSON = "who-it-helps"


@builds(order=50)
def assigned(home: Home, lane: Lane) -> None:
    """A learner who stands before the first question of the first lesson."""
    if "assignment" not in home.shared_things:
        home.shared_things |= _assign(home, lane)
    lane.things |= {name: home.shared_things[name] for name in ("assignment", "attempt", "lesson", "question")}


def _assign(home: Home, lane: Lane) -> dict[str, object]:
    by, learner, today = home.actor("implementation_manager"), home.actor("learner"), timezone.localdate()
    site = Site.objects.get(pk=lane.things["site"])
    Rollout.introduce(
        lane.things["deployment"], title=f"Tool {home.open_token}", tool_version="4.2", site=site,
        go_live_on=today + timedelta(days=90), by=by,
    )  # fmt: skip
    version = adopt_course(
        document.load_course(document.CONTENT / "prescriber-risk-protocol", starter=True), by=by, source="library"
    )
    rule = AssignmentRule.set(version.course, job_role="prescriber", offset_days=-7, by=by)
    enroll(home.people["learner"], job_role="prescriber", site=site, started_on=today, by=by)
    apply_rule(rule, by=by)
    assignment = Assignment.objects.select_related("version", "course", "user").get()
    progress = LessonProgress.open(assignment, LESSON, by=learner)
    for step in range(len(readings(assignment.version.content, LESSON)) + 1):
        progress = read_on(assignment, LESSON, step, by=learner)
    attempt = Attempt.running(progress)
    assert attempt is not None
    return {
        "assignment": assignment.pk, "attempt": attempt.pk, "lesson": LESSON, "question": attempt.questions[0]["key"],
    }  # fmt: skip


def answer(lane: Values) -> dict[str, object]:
    """An answer to the question that is open."""
    return {"attempt": lane["attempt"], "question": lane["question"], "choice": "0", "token": uuid4()}


operation("org:learning:mine")
operation("org:learning:course", ids("assignment"))
operation("org:learning:attestation", ids("assignment"), body=lambda lane: {"typed_name": "Learner"})
operation("org:learning:lesson", ids("assignment", "lesson"))
operation("org:learning:read", ids("assignment", "lesson"), get=False, body=lambda lane: {"step": "1"})
operation("org:learning:answer", ids("assignment", "lesson"), get=False, body=answer)
operation("org:learning:again", ids("assignment", "lesson"), get=False, body=lambda lane: {})
