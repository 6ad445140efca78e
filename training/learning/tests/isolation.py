"""What the isolation suite needs to know about learning, training and certificates."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.actor import Actor
from tenancy.models import Site
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, api, builds, ids, operation, public_link
from training.courses import document
from training.courses.models import CourseDraft
from training.courses.package import pack_course
from training.learning.actions.answer_quiz import read_on
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.import_access import import_access
from training.learning.actions.live_sessions import sign_up
from training.learning.actions.take_up_version import adopt_course
from training.learning.facts import state_training
from training.learning.models import (
    AccessList,
    Assignment,
    AssignmentRule,
    Attempt,
    Completion,
    Exemption,
    LessonProgress,
    LiveSession,
    LmsImport,
    Rollout,
    Shift,
    SupportContact,
)
from training.learning.steps import readings

LESSON = "who-it-helps"
PICTURE = "six-questions.png"


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
    enroll(home.people["learner"], job_role="prescriber", site=site, started_on=today - timedelta(days=30), by=by)
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


@builds(order=51)
def managed(home: Home, lane: Lane) -> None:
    """A second learner with a certificate, an exemption to decide, and somebody to watch."""
    if "completion" not in home.shared_things:
        home.shared_things |= _manage(home, lane)
    names = (
        "completion",
        "certificate_code",
        "exemption",
        "watched",
        "learner",
        "rule",
        "version",
        "course",
        "draft",
        "shift",
        "lms_import",
        "access_list",
        "drill_version",
        "trainer",
        "trainer_email",
        "session",
        "session_begun",
        "drilled",
    )
    lane.things |= {name: home.shared_things[name] for name in names}
    lane.things |= {"slug": home.slug, "starter": "front-desk-enrollment-consent"}
    if not Rollout.objects.filter(pk=lane.things["deployment"]).exists():
        Rollout.introduce(
            lane.things["deployment"], title=f"Tool {lane.token}", tool_version="4.2",
            site=Site.objects.get(pk=lane.things["site"]), go_live_on=timezone.localdate() + timedelta(days=90),
            by=home.actor("implementation_manager"),
        )  # fmt: skip
        state_training([lane.things["deployment"]])


def _manage(home: Home, lane: Lane) -> dict[str, object]:
    by, today = home.actor("implementation_manager"), timezone.localdate()
    site = Site.objects.get(pk=lane.things["site"])
    colleague = home.people["contributor"]
    enroll(colleague, job_role="prescriber", site=site, started_on=today - timedelta(days=30), by=by)
    passed = Assignment.objects.select_related("version", "user").get(user=colleague)
    completion = Completion.reach(passed, by=by)
    watched = adopt_course(document.load_course(document.CONTENT / "superuser-support"), by=by, source="library")
    rule = AssignmentRule.set(watched.course, job_role="superuser", by=by)
    enroll(colleague, job_role="superuser", site=site, started_on=today - timedelta(days=30), by=by)
    apply_rule(rule, by=by)
    exemption = Exemption.ask(
        passed, kind="equivalence", reason=f"Elsewhere {home.closed_token}", by=home.actor("implementation_manager")
    )
    import_access(
        Rollout.objects.get(pk=lane.things["deployment"]), b"email\nlocum@agency.example\n", source="access.csv", by=by
    )
    starter = document.load_course(document.CONTENT / "prescriber-risk-protocol")
    draft = CourseDraft.upload(
        replace(starter, version="9.0", summary=f"Draft {home.closed_token}"), file_name="course.zip", by=by
    )
    rollout = Rollout.objects.get(pk=lane.things["deployment"])
    shift = Shift.plan(rollout, f"Shift {home.closed_token}", users=8, superusers=[colleague.pk], by=by)
    SupportContact.log(
        rollout, job_role="front-desk", topic="enroll", minutes=5, on=today, note=f"Note {home.closed_token}",
        token=uuid4(), by=by,
    )  # fmt: skip
    imported = LmsImport.begin(
        f"email,course,completedon\n{home.closed_token}@y.example,A,2026-01-05\n", source="Hospital",
        file_name="done.csv", columns={"email": "email", "course": "course", "completed": "completedon"}, by=by,
    )  # fmt: skip
    return {
        **_live(home, site, by),
        "shift": shift.pk, "lms_import": imported.pk, "access_list": AccessList.objects.newest_of(rollout).pk,
        "draft": draft.pk, "completion": completion.pk, "certificate_code": completion.code, "exemption": exemption.pk, "learner": passed.learner_id,
        "watched": Assignment.objects.get(course=watched.course).pk, "rule": rule.pk, "version": passed.version_id,
        "course": passed.course_id,
    }  # fmt: skip


def _live(home: Home, site: Site, by: Actor) -> dict[str, object]:
    """A drill with a session to come, in which the learner and a colleague have seats, and one that has begun."""
    drill = adopt_course(document.load_course(document.CONTENT / "crisis-responder-drill"), by=by, source="library")
    AssignmentRule.set(drill.course, job_role="crisis-responder", by=by)
    for name in ("learner", "contributor"):
        enroll(
            home.people[name], job_role="crisis-responder", site=site, by=by,
            started_on=timezone.localdate() - timedelta(days=30),
        )  # fmt: skip
    rows = {row.user_id: row for row in Assignment.objects.filter(course=drill.course).select_related("user")}
    now, trainer = timezone.now(), home.people["implementation_manager"]
    made = {}
    for name, days in (("session", 9), ("session_begun", 8)):
        made[name] = LiveSession.plan(
            drill.course, counts_for="observation", starts_at=now + timedelta(days=days), minutes=60, capacity=8,
            place=f"Room {home.closed_token}", trainer=trainer, site=site, by=by,
        )  # fmt: skip
        for person in ("learner", "contributor"):
            sign_up(made[name], rows[home.people[person].pk], by=home.actor(person))
    LiveSession.objects.filter(pk=made["session_begun"].pk).update(
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )
    return {
        "drill_version": drill.pk, "trainer": trainer.pk, "trainer_email": trainer.email, "session": made["session"].pk,
        "session_begun": made["session_begun"].pk, "drilled": rows[home.people["contributor"].pk].pk,
    }  # fmt: skip


def course_file(lane: Values) -> dict[str, object]:
    """A course as one file."""
    course = document.load_course(document.CONTENT / "superuser-support")
    return {"file": SimpleUploadedFile("course.zip", pack_course(course))}


def people_file(lane: Values) -> dict[str, object]:
    """A list of one person who is a member, at a site the tenant has."""
    text = f"email,job role,site\nlearner@{lane['slug']}.example,manager,Somewhere\n"
    return {"file": SimpleUploadedFile("people.csv", text.encode())}


def access_file(lane: Values) -> dict[str, object]:
    """A deployment's access list."""
    return {"deployment": lane["deployment"], "file": SimpleUploadedFile("access.csv", b"email\nx@y.example\n")}


def new_rule(lane: Values) -> dict[str, object]:
    """A rule, to be applied at once."""
    return {
        "course": lane["course"], "job_role": "billing", "anchor": "go-live", "offset_days": "-7", "step": "apply",
    }  # fmt: skip


operation("org:training:coverage")
operation("org:training:decay")
operation("org:training:people")
operation(
    "org:training:new_learner",
    body=lambda lane: {
        "email": f"auditor@{lane['slug']}.example", "job_role": "manager", "site": lane["site"], "started_on": "2026-11-02",
    },
)  # fmt: skip
operation(
    "org:training:import_people", body=people_file,
    never_succeeds="a list names sites by name, which the canaries change; test_manager_pages.py has one",
)  # fmt: skip
operation("org:training:learner", ids("learner"))
operation(
    "org:training:move", ids("learner"), get=False,
    body=lambda lane: {"job_role": "billing", "site": lane["site"], "on": "2099-01-01"},
)  # fmt: skip
operation("org:training:leave", ids("learner"), get=False, body=lambda lane: {"on": "2099-01-01"})
operation("org:training:release", ids("deployment"), body=lambda lane: {"version": "9.9", "on": "2099-01-01"})
operation("org:training:remind", get=False, body=lambda lane: {"picked": lane["assignment"]})
operation("org:training:assignment", ids("assignment"))
operation(
    "org:training:ask_exemption", ids("assignment"), get=False,
    body=lambda lane: {"kind": "equivalence", "reason": "Elsewhere"},
)  # fmt: skip
operation("org:training:withdraw", ids("assignment"), get=False, body=lambda lane: {})
operation("org:training:revoke", ids("completion"), get=False, body=lambda lane: {"because": "Wrong person"})
operation("org:training:exemptions")
operation("org:training:decide_exemption", ids("exemption"), get=False, body=lambda lane: {"decision": "refuse"})
operation("org:training:rules")
operation("org:training:new_rule", body=new_rule)
operation("org:training:end_rule", ids("rule"), get=False, body=lambda lane: {})
operation("org:training:access", body=access_file)
operation("org:training:courses")
operation("org:training:adopt", get=False, body=lambda lane: {"key": lane["starter"]})
operation("org:training:course", ids("version"))
operation("org:training:download_course", ids("version"))
operation("org:training:upload_course", body=course_file)
operation("org:training:draft", ids("draft"))
operation("org:training:draft_lesson", lambda lane: {"draft": lane["draft"], "lesson": LESSON})
operation("org:training:publish_draft", ids("draft"), get=False, body=lambda lane: {})
operation("org:training:discard_draft", ids("draft"), get=False, body=lambda lane: {})
operation("org:training:media", lambda lane: {"version": lane["version"], "name": PICTURE})
operation("org:training:draft_media", lambda lane: {"draft": lane["draft"], "name": PICTURE})
operation("org:learning:media", lambda lane: {"assignment": lane["assignment"], "name": PICTURE})
operation("org:training:preview", ids("version", "lesson"))
operation(
    "org:training:site_values", ids("version"), get=False,
    body=lambda lane: {"site": lane["site"], "risk-minutes": "5 minutes"},
)  # fmt: skip
operation("org:training:records")
operation("org:training:sessions")
operation(
    "org:training:new_session",
    body=lambda lane: {
        "part": f"{lane['drill_version']}/observation", "site": lane["site"], "on": lane["soon"].isoformat(), "at": "10:00", "minutes": "60",
        "place": "Room 2", "capacity": "8", "trainer": lane["trainer"],
    },
)  # fmt: skip
operation(
    "org:training:session", ids("session"),
    body=lambda lane: {"on": lane["soon"].isoformat(), "at": "11:00", "minutes": "45", "place": "Room 3", "capacity": "9"},
)  # fmt: skip
operation("org:training:cancel_session", ids("session"), get=False, body=lambda lane: {"because": "The trainer is ill"})
operation("org:learning:sessions")
operation("org:learning:sign_up", lambda lane: {"session": lane["session"]}, get=False, body=lambda lane: {})
operation("org:learning:give_up", lambda lane: {"session": lane["session"]}, get=False, body=lambda lane: {})
operation("org:learning:session_calendar", lambda lane: {"session": lane["session"]})
operation(
    "org:learning:attendance", lambda lane: {"session": lane["session_begun"]},
    body=lambda lane: {"there": str(lane["drilled"])},
)  # fmt: skip
operation("org:training:support")
operation("org:training:shifts", ids("deployment"), body=lambda lane: {"name": "Evening", "users": "8"})
operation("org:training:drop_shift", ids("shift"), get=False, body=lambda lane: {})
operation(
    "org:training:lms_imports",
    body=lambda lane: {
        "source": "Hospital", "file": SimpleUploadedFile("done.csv", b"email,course,completed on\nx@y.example,A,2026-01-05\n"),
    },
)  # fmt: skip
operation(
    "org:training:lms_import", lambda lane: {"taken": lane["lms_import"]},
    body=lambda lane: {"column-email": "email", "theirs": "A", "ours": ""},
)  # fmt: skip
operation(
    "org:training:take_lms", lambda lane: {"taken": lane["lms_import"]}, get=False, body=lambda lane: {"decision": "take"},
)  # fmt: skip
operation(
    "org:learning:support",
    body=lambda lane: {
        "rollout": lane["deployment"], "job_role": "front-desk", "topic": "enroll", "minutes": "5", "token": uuid4(),
    },
)  # fmt: skip
operation("org:credentials:transcript")
operation("org:credentials:transcript_pdf")
operation(
    "org:credentials:credit",
    body=lambda lane: {
        "first_name": "Ann", "last_name": "Rivera", "birth_month": "3", "birth_day": "4", "licensing_state": "NY",
        "license_id": "123456",
    },
)  # fmt: skip
operation("org:credentials:report")
operation("org:learning:observations")
operation("org:learning:observe", lambda lane: {"assignment": lane["watched"]}, body=lambda lane: {"note": "Seen"})
operation("org:credentials:certificate", ids("completion"))
public_link("verify_certificate", lambda lane: {"org": lane["slug"], "code": lane["certificate_code"]})
operation("org:learning:mine")
operation("org:learning:course", ids("assignment"))
operation("org:learning:next", ids("assignment"))
operation("org:learning:attestation", ids("assignment"), body=lambda lane: {"typed_name": "Learner"})
operation("org:learning:lesson", ids("assignment", "lesson"))
operation("org:learning:ahead", ids("assignment", "lesson"))
operation("org:learning:read", ids("assignment", "lesson"), get=False, body=lambda lane: {"step": "1"})
operation("org:learning:answer", ids("assignment", "lesson"), get=False, body=answer)
operation("org:learning:review", ids("assignment", "lesson"), body=lambda lane: {"place": "who-it-helps/1"})
operation("org:learning:again", ids("assignment", "lesson"), get=False, body=lambda lane: {})
api("assignments", query=lambda lane: {"site": lane["site"]})
api(
    "completions", query=lambda lane: {"course": lane["course"]},
    body=lambda lane: {
        "source": "Hospital", "completions": [{"id": "1", "email": "x@y.example", "course": "c", "completed_on": "2026-01-05"}],
    },
)  # fmt: skip
api("completions/<uuid:pk>", lambda lane: {"pk": lane["completion"]})
api(
    "access-lists", query=lambda lane: {"deployment": lane["deployment"]},
    body=lambda lane: {"deployment_id": lane["deployment"], "source": "Directory", "emails": ["x@y.example"]},
)  # fmt: skip
api("access-lists/<uuid:pk>", lambda lane: {"pk": lane["access_list"]})
api(
    "live-sessions",
    body=lambda lane: {
        "course": "crisis-responder-drill", "counts_for": "observation", "starts_at": f"{lane['soon']}T15:00:00Z", "minutes": 60,
        "place": "Room 2", "capacity": 8, "trainer": lane["trainer_email"], "site_id": lane["site"], "times": 2,
    },
)  # fmt: skip
api("live-sessions/<uuid:pk>", lambda lane: {"pk": lane["session"]})
api(
    "live-sessions/<uuid:pk>/change",
    lambda lane: {"pk": lane["session"]},
    get=False,
    body=lambda lane: {"minutes": 50, "later": True},
)
api(
    "live-sessions/<uuid:pk>/cancel",
    lambda lane: {"pk": lane["session"]},
    get=False,
    body=lambda lane: {"because": "Snow"},
)
api(
    "live-sessions/<uuid:pk>/attend",
    lambda lane: {"pk": lane["session_begun"]},
    get=False,
    body=lambda lane: {"emails": []},
)
api("assignments/<uuid:pk>", lambda lane: {"pk": lane["assignment"]})
