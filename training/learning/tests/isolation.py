"""What the isolation suite needs to know about a learner's own pages."""

from datetime import timedelta
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tenancy.models import Site
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, builds, ids, operation, public_link
from training.courses import document
from training.courses.models import CourseVersion
from training.learning.actions.answer_quiz import attest, read_on
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Assignment, AssignmentRule, Attempt, Completion, Exemption, LessonProgress, Rollout
from training.learning.steps import readings

LESSON = "who-it-helps"
MADE = (
    "assignment", "attempt", "lesson", "question", "learner", "rule", "course_version", "course", "exemption", "completion",
    "certificate_code",
)  # fmt: skip


@builds(order=50)
def assigned(home: Home, lane: Lane) -> None:
    """A learner who stands before the first question of the first lesson."""
    if "assignment" not in home.shared_things:
        home.shared_things |= _assign(home, lane)
    lane.things |= {name: home.shared_things[name] for name in MADE}


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
    exemption = Exemption.ask(
        assignment, kind="waiver", reason=f"Away {home.closed_token}", until=today + timedelta(days=9), by=by
    )
    other = _passed(home, version, site)
    return {
        "assignment": assignment.pk, "attempt": attempt.pk, "lesson": LESSON, "question": attempt.questions[0]["key"],
        "learner": assignment.learner_id, "rule": rule.pk, "course_version": version.pk, "course": version.course_id,
        "exemption": exemption.pk, "completion": other.pk, "certificate_code": other.code,
    }  # fmt: skip


def _passed(home: Home, version: CourseVersion, site: Site) -> Completion:
    """The contributor has passed, and has a certificate."""
    from training.learning.tests.classroom import Classroom

    person = home.people["contributor"]
    by = home.actor("implementation_manager")
    enroll(person, job_role="prescriber", site=site, started_on=timezone.localdate(), by=by)
    apply_rule(AssignmentRule.objects.get(), by=by)
    assignment = Assignment.objects.select_related("version", "course", "user", "learner").get(user=person)
    room = Classroom(None, site, None, version, None, assignment)  # type: ignore[arg-type]
    room.pass_lessons()
    attest(assignment, typed_name=person.name, address=None, device="", by=home.actor("contributor"))
    return Completion.objects.filter(user=person).get()


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
operation("org:learning:observations")
operation(
    "org:learning:observe", ids("assignment"), body=lambda lane: {"seen": [], "note": "Seen"},
    never_succeeds="the course asks for no observation; training/learning/tests holds one that does",
)  # fmt: skip
operation("org:credentials:certificate", ids("completion"))
public_link("verify_certificate", lambda lane: {"org": lane["slug"], "code": lane["certificate_code"]})


def version(lane: Values) -> dict[str, object]:
    """The path of a course's version."""
    return {"version": lane["course_version"]}


def learner(lane: Values) -> dict[str, object]:
    """A person to enroll, and where."""
    email = f"auditor@{lane['slug']}.example"
    return {
        "email": email,
        "job_role": "prescriber",
        "site": str(lane["site"]),
        "started_on": timezone.localdate().isoformat(),
    }


operation("org:training:coverage")
operation("org:training:people", query=lambda lane: {"deployment": lane["deployment"]})
operation("org:training:new_learner", body=learner)
operation(
    "org:training:import_people",
    body=lambda lane: {
        "file": SimpleUploadedFile(
            "people.csv",
            f"email,name,job role,site\nauditor@{lane['slug']}.example,Auditor,prescriber,Clinic cnry{lane['slug']}open\n".encode(),
        )
    },
)
operation("org:training:leave", ids("learner"), get=False, body=lambda lane: {"on": timezone.localdate().isoformat()})
operation("org:training:remind", get=False, body=lambda lane: {"picked": str(lane["assignment"])})
operation("org:training:assignment", ids("assignment"))
operation(
    "org:training:ask_exemption", ids("assignment"), get=False,
    body=lambda lane: {"kind": "equivalence", "reason": "Did it elsewhere"},
)  # fmt: skip
operation("org:training:withdraw", ids("assignment"), get=False, body=lambda lane: {})
operation("org:training:revoke", ids("completion"), get=False, body=lambda lane: {"because": "Wrong person"})
operation("org:training:exemptions")
operation("org:training:decide_exemption", ids("exemption"), get=False, body=lambda lane: {"decision": "grant"})
operation("org:training:rules")
operation(
    "org:training:new_rule",
    body=lambda lane: {
        "course": str(lane["course"]), "job_role": "prescriber", "anchor": "go-live", "offset_days": "-7",
        "sites": [str(lane["site"])],
    },
)  # fmt: skip
operation("org:training:end_rule", ids("rule"), get=False, body=lambda lane: {})
operation(
    "org:training:access",
    body=lambda lane: {
        "file": SimpleUploadedFile("access.csv", f"email\nlearner@{lane['slug']}.example\n".encode()),
        "deployment": str(lane["deployment"]), "rollout": str(lane["deployment"]),
    },
)  # fmt: skip
operation("org:training:courses")
operation("org:training:adopt", get=False, body=lambda lane: {"key": "superuser-support"})
operation("org:training:course", version)
operation("org:training:preview", lambda lane: {**version(lane), "lesson": lane["lesson"]})
operation("org:training:site_values", version, get=False, body=lambda lane: {"site": str(lane["site"])})
