"""People trained for the demo: enrolled, taught and examined through the verbs of training."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Membership, User
from audit.actor import Actor
from config.demo.cast import SETUP, Cast, person
from config.demo.clock import at, days_ago
from onboarding.deployments.models import Deployment
from tenancy.models import Site
from training.courses.document import load_course, starter_folders
from training.courses.models import Course, CourseDraft
from training.learning.actions.answer_quiz import answer_question, attest, read_on
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.live_sessions import plan_series, sign_up
from training.learning.actions.settle import settle
from training.learning.actions.take_up_version import adopt_course
from training.learning.facts import state_training
from training.learning.models import (
    AccessList,
    Assignment,
    AssignmentRule,
    Attempt,
    LessonProgress,
    LmsImport,
    ObservedCompetency,
    Rollout,
    Shift,
    SupportContact,
)
from training.learning.steps import readings

JOBS = {
    "prescriber-risk-protocol": "prescriber",
    "front-desk-enrollment-consent": "front-desk",
    "superuser-support": "superuser",
}
TITLES = {"prescriber": "Prescriber", "front-desk": "Front Desk", "superuser": "Superuser"}
TAUGHT = 40
"""Days before go-live on which the first learner begins."""


def open_courses(cast: Cast) -> None:
    """Adopt the starter courses and say who must take them: a week before go-live."""
    by = cast.actor_for("TRN")
    for folder in starter_folders():
        version = adopt_course(load_course(folder, starter=True), by=by, source="library")
        [role] = version.content.roles
        AssignmentRule.set(version.course, job_role=role, offset_days=-7, by=by)
    LmsImport.begin(
        "email,course name,completed on,record id\n"
        "prescriber@riverbend.example,PHQ-9 safety,2026-10-06,48113\n"
        "front.desk@riverbend.example,Fire safety,2026-09-14,47020\n",
        source="Riverbend Learning",
        file_name="completions-october.csv",
        columns={"email": "email", "course": "coursename", "completed": "completedon", "expires": "", "id": "recordid"},
        by=by,
    )


def draft_next_version(cast: Cast, today: date) -> None:
    """Leave the superusers' course as an uploaded file that nobody has published yet."""
    folder = next(one for one in starter_folders() if one.name == "superuser-support")
    following = replace(load_course(folder, starter=True), version="1.2", change="minor")
    with at(days_ago(today, 1), 16):
        CourseDraft.upload(following, file_name="superuser-support-1.2.zip", by=cast.actor_for("TRN"))


def introduce(deployment: Deployment, by: Actor) -> Rollout:
    """Make a planned deployment known to training."""
    return Rollout.introduce(
        deployment.pk,
        title=deployment.tool_version.tool.title,
        tool_version=deployment.tool_version.version,
        site=deployment.site,
        go_live_on=deployment.go_live_on,
        by=by,
    )


def teach(cast: Cast, deployment: Deployment, go_live_on: date) -> None:
    """Enroll a prescriber, a front desk and a superuser at the site, and let them pass before go-live."""
    lead = cast.actor_for("TRN")
    learners: list[User] = []
    with at(days_ago(go_live_on, 60), 9):
        for job in JOBS.values():
            user = _learner(deployment.site, job)
            learners.append(user)
            enroll(user, job_role=job, site=deployment.site, started_on=days_ago(go_live_on, 400), by=lead)
        for rule in AssignmentRule.objects.in_force():
            apply_rule(rule, by=lead)
    assignments = (
        Assignment.objects.of_deployment(deployment.pk)
        .select_related("user", "version", "course", "learner")
        .order_by("id")
    )
    for position, assignment in enumerate(assignments):
        with at(days_ago(go_live_on, TAUGHT - 4 * position), 12, 15):
            _pass(assignment, lead)
    with at(days_ago(go_live_on, 25), 8):
        AccessList.take(
            introduce(deployment, lead),
            [user.email for user in learners],
            source="access-list.csv",
            by=cast.actor_for("INT"),
        )
        _support(introduce(deployment, lead), learners[-1], lead)
        state_training([deployment.pk])


def _support(rollout: Rollout, superuser: User, lead: Actor) -> None:
    """Plan who stands by on which shift, and log the help that was given in the rehearsal."""
    Shift.plan(rollout, "Weekdays", users=9, superusers=[superuser.pk], by=lead)
    Shift.plan(rollout, "Tuesday evening", users=4, superusers=[superuser.pk], by=lead)
    by = superuser.acting(rollout.organization_id, frozenset({"learner"}))
    helped = [
        ("front-desk", "sign-in", 6, "The code mail was in spam. Tell people to look there first."),
        ("prescriber", "results", 11, "Item 9 stands at the end of the list, not on top."),
        ("front-desk", "devices", 4, "Tablet two loses the Wi-Fi by the window."),
    ]
    for job_role, topic, minutes, note in helped:
        SupportContact.log(
            rollout, job_role=job_role, topic=topic, minutes=minutes, note=note, on=timezone.localdate(), token=uuid4(),
            by=by,
        )  # fmt: skip


def enroll_waiting(cast: Cast, deployment: Deployment) -> None:
    """Give the demo's own learners something that is due."""
    lead = cast.actor_for("TRN")
    for mailbox, job in (("prescriber", "prescriber"), ("front.desk", "front-desk"), ("superuser.lead", "superuser")):
        user = cast.people[f"{mailbox}@riverbend.example"]
        enroll(
            user, job_role=job, site=deployment.site, started_on=deployment.go_live_on - timedelta(days=500), by=lead
        )


def plan_drill(cast: Cast, deployment: Deployment, today: date) -> None:
    """Plan the crisis responders' drills, one a quarter, with one seat: the champion has the first, the superuser lead waits."""
    lead, drill = cast.actor_for("TRN"), Course.objects.get(key="crisis-responder-drill")
    people = [cast.people[f"{mailbox}@riverbend.example"] for mailbox in ("clinical.champion", "superuser.lead")]
    for user in people:
        enroll(user, job_role="crisis-responder", site=deployment.site, started_on=days_ago(today, 300), by=lead)
    session, *_ = plan_series(
        drill, weeks=12, times=3, counts_for="observation", site=deployment.site, minutes=45, capacity=1, place="Conference room, 2nd floor",
        starts_at=datetime.combine(today + timedelta(days=12), time(12, 30), ZoneInfo(deployment.site.time_zone)),
        trainer=cast.people["training.lead@riverbend.example"], by=lead,
    )  # fmt: skip
    for user in people:
        assignment = Assignment.objects.select_related("user").get(user=user, course=drill)
        sign_up(session, assignment, by=user.acting(assignment.organization_id, frozenset({"learner"})))


def keep_fresh(deployment: Deployment) -> None:
    """State the figures anew, as the nightly audit does."""
    state_training([deployment.pk])


def _learner(site: Site, job: str) -> User:
    mailbox = f"{job}.{site.city}".lower().replace(" ", ".").replace("-", ".")
    user = person(f"{mailbox}@riverbend.example", f"{TITLES[job]} {site.city}")
    Membership.add(user, roles=["learner"], by=SETUP, title=TITLES[job])
    return user


def _pass(assignment: Assignment, observer: Actor) -> None:
    by = assignment.user.acting(assignment.organization_id, frozenset({"learner"}))
    for lesson in assignment.version.content_keys:
        progress = LessonProgress.open(assignment, lesson, by=by)
        for step in range(len(readings(assignment.version.content, lesson)) + 1):
            progress = read_on(assignment, lesson, step, by=by)
        attempt = Attempt.running(progress)
        if attempt:
            _answer(assignment, attempt, by)
    if assignment.version.content.attestation:
        attest(assignment, typed_name=assignment.user.name, address=None, device="demo", by=by)
    if checklist := assignment.version.content.observation:
        ObservedCompetency.sign(assignment, seen=[item.key for item in checklist.items], note="", by=observer)
        settle(assignment, by=observer)


def _answer(assignment: Assignment, attempt: Attempt, by: Actor) -> None:
    for entry in attempt.questions:
        question = attempt.question(entry["key"])
        right = [number for number, option in enumerate(question.answers) if option.correct]
        answer_question(assignment, attempt, question.key, right, token=uuid4(), by=by)
