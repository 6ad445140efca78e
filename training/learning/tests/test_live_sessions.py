"""Live sessions: seats, the waiting list, who was there, and what that counts for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from notices.models import Reminder
from tenancy.models import Site
from tenancy.scope import scope
from testing.statements import counted
from training.courses import kinds
from training.courses.document import CONTENT, load_course
from training.courses.shape import Course
from training.learning.actions.answer_quiz import attest, read_on
from training.learning.actions.enroll import enroll
from training.learning.actions.live_sessions import (
    cancel_session,
    change_session,
    give_up,
    note_attendance,
    sign_up,
)
from training.learning.actions.take_up_version import adopt_course
from training.learning.ical import days_of
from training.learning.kinds import untaught
from training.learning.live_notices import describe_changes, describe_seats
from training.learning.models import (
    Assignment,
    AssignmentRule,
    Completion,
    LessonProgress,
    LiveSession,
    ObservedCompetency,
    SessionSeat,
)
from training.learning.models.assignment import NotYours
from training.learning.models.live_session import NotHeld
from training.learning.models.session_seat import NoSeat
from training.learning.steps import readings
from training.learning.tests.classroom import Classroom

ClientOf = Callable[[User], Client]
NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
BEGINS = datetime(2026, 12, 10, 17, tzinfo=UTC)
LESSON = "who-it-helps"


def live(course: Course) -> Course:
    """The prescriber's course with its first lesson taught live."""
    first = replace(course.lessons[0], kind="live")
    questions = tuple(one for one in course.questions if one.lesson != LESSON or one.quiz == "final")
    return replace(course, version="2.0", change="major", lessons=(first, *course.lessons[1:]), questions=questions)


@dataclass(frozen=True, slots=True)
class Desk:
    """A classroom with three learners of a course whose first lesson is live, and a session of one seat."""

    classroom: Classroom
    session: LiveSession
    rows: list[Assignment]

    def sign_up(self, number: int) -> SessionSeat:
        row = self.rows[number]
        return sign_up(self.session, row, by=self.classroom.by(row.user))

    def seat(self, number: int) -> SessionSeat:
        return SessionSeat.objects.select_related("session", "assignment").get(user=self.rows[number].user)

    def states(self) -> list[str]:
        return [SessionSeat.objects.get(user=row.user).state for row in self.rows]


@pytest.fixture
def desk(classroom: Classroom, prescriber_course: Course):
    world = classroom.world
    with time_machine.travel(NOW, tick=False), scope(world.host.pk):
        version = adopt_course(live(prescriber_course), by=classroom.manager, source="test")
        people = [world.learner, world.contributor, world.approver]
        for user in people[1:]:
            enroll(user, job_role="prescriber", site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)
        session = LiveSession.plan(
            version.course, counts_for=LESSON, starts_at=BEGINS, minutes=60, place="Room 2", capacity=1,
            trainer=world.manager, site=classroom.site, by=classroom.manager,
        )  # fmt: skip
        found = Assignment.objects.select_related("version", "course", "user", "learner", "site")
        rows = [found.get(user=user) for user in people]
        yield Desk(classroom, session, rows)


def test_seats_are_given_in_order_and_the_rest_wait(desk: Desk) -> None:
    assert [desk.sign_up(number).state for number in (0, 1, 2, 0)] == ["seated", "waiting", "waiting", "seated"]
    assert Event.objects.filter(action="session_seat.taken").count() == 1
    assert Event.objects.filter(action="session_seat.waited").count() == 2


def test_a_seat_that_is_given_up_goes_to_who_waits_longest_and_they_hear_of_it(desk: Desk) -> None:
    for number in range(3):
        desk.sign_up(number)
    give_up(desk.seat(0), by=desk.classroom.learner)
    give_up(desk.seat(0), by=desk.classroom.learner)
    assert desk.states() == ["given_up", "seated", "waiting"]
    told = Reminder.objects.get(kind="training.seat_free")
    assert (told.recipient_id, told.apart) == (desk.rows[1].user_id, True)
    assert Event.objects.filter(action="session_seat.given_up").count() == 1
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        desk.sign_up(0)
    assert desk.states() == ["waiting", "seated", "waiting"]
    give_up(desk.seat(1), by=desk.classroom.by(desk.rows[1].user))
    assert desk.states() == ["waiting", "given_up", "seated"]


def test_more_seats_fill_from_the_waiting_list_and_fewer_take_none_away(desk: Desk) -> None:
    for number in range(3):
        desk.sign_up(number)
    given = {"starts_at": BEGINS, "minutes": 60, "place": "Room 2", "by": desk.classroom.manager}
    change_session(desk.session, capacity=2, **given)
    assert desk.states() == ["seated", "seated", "waiting"]
    assert not Reminder.objects.filter(kind="training.session_moved").exists()
    change_session(desk.session, capacity=1, **given)
    assert desk.states() == ["seated", "seated", "waiting"]
    before = Event.objects.count()
    change_session(desk.session, capacity=1, **given)
    assert Event.objects.count() == before


def test_who_has_a_seat_is_reminded_the_day_before_and_on_the_day_also_when_it_moves(desk: Desk) -> None:
    desk.sign_up(0)
    desk.sign_up(1)
    planned = Reminder.objects.filter(kind="training.live_session", state="due")
    assert [(row.step, row.on) for row in planned.order_by("on")] == [
        ("-1", date(2026, 12, 9)),
        ("0", date(2026, 12, 10)),
    ]
    assert {row.recipient_id for row in planned} == {desk.rows[0].user_id}
    change_session(
        desk.session, starts_at=BEGINS + timedelta(days=7), minutes=60, place="Room 2", capacity=1, by=desk.classroom.manager
    )  # fmt: skip
    assert [row.on for row in planned.order_by("on")] == [date(2026, 12, 16), date(2026, 12, 17)]
    moved = Reminder.objects.filter(kind="training.session_moved")
    assert {row.recipient_id for row in moved} == {desk.rows[0].user_id, desk.rows[1].user_id}
    described = describe_changes([desk.seat(0).pk])[desk.seat(0).pk]
    assert (described.title, described.detail) == (
        "New time or place: Who it helps, and who not", "17 Dec 12:00, Room 2",
    )  # fmt: skip
    give_up(desk.seat(0), by=desk.classroom.learner)
    assert describe_seats([desk.seat(0).pk]) == {}


def test_a_cancelled_session_is_said_with_its_reason_and_takes_nobody(desk: Desk) -> None:
    desk.sign_up(0)
    with pytest.raises(NotHeld, match="Say why"):
        cancel_session(desk.session, " ", by=desk.classroom.manager)
    cancel_session(desk.session, "The trainer is ill", by=desk.classroom.manager)
    cancel_session(desk.session, "Again", by=desk.classroom.manager)
    assert Event.objects.filter(action="live_session.cancelled").count() == 1
    assert not Reminder.objects.filter(kind="training.live_session", state="due").exists()
    [told] = describe_changes([desk.seat(0).pk]).values()
    assert told.title == "Cancelled: Who it helps, and who not"
    assert told.detail.startswith("The trainer is ill")
    with pytest.raises(NoSeat, match="cancelled"):
        desk.sign_up(1)
    assert SessionSeat.objects.count() == 1


def test_nobody_takes_a_seat_for_somebody_else_or_of_another_site_or_after_it_began(desk: Desk) -> None:
    with pytest.raises(NotYours):
        sign_up(desk.session, desk.rows[0], by=desk.classroom.manager)
    quay = Site.objects.create(name="Quay Street")
    LiveSession.objects.update(site=quay)
    with pytest.raises(NoSeat, match="for other people"):
        desk.sign_up(0)
    LiveSession.objects.update(site=None)
    with time_machine.travel(BEGINS, tick=False), pytest.raises(NoSeat, match="has begun"):
        desk.sign_up(0)
    assert not SessionSeat.objects.exists()


def test_being_there_passes_the_lesson_signed_up_or_not_and_once(desk: Desk) -> None:
    desk.sign_up(0)
    desk.sign_up(1)
    with pytest.raises(NoSeat, match="once the session has begun"):
        note_attendance(desk.session, [desk.rows[0].pk], by=desk.classroom.manager)
    with time_machine.travel(BEGINS + timedelta(hours=1), tick=False):
        for _ in range(2):
            note_attendance(desk.session, [desk.rows[2].pk], by=desk.classroom.manager)
        assert [row.state for row in SessionSeat.objects.order_by("asked_at", "id")] == [
            "missed",
            "waiting",
            "attended",
        ]
        [passed] = LessonProgress.objects.passed()
        assert (passed.assignment_id, passed.lesson) == (desk.rows[2].pk, LESSON)
        assert Event.objects.filter(action="lesson.passed").count() == 1
        # Who was noted as missing was there after all; nobody unlearns.
        note_attendance(desk.session, [desk.rows[0].pk], by=desk.classroom.manager)
        note_attendance(desk.session, [], by=desk.classroom.manager)
        assert LessonProgress.objects.passed().count() == 2


def test_nobody_notes_that_they_were_there_themselves(desk: Desk) -> None:
    with time_machine.travel(BEGINS, tick=False), pytest.raises(NoSeat, match="Somebody else notes"):
        note_attendance(desk.session, [desk.rows[0].pk], by=desk.classroom.learner)
    assert not SessionSeat.objects.exists()
    assert not LessonProgress.objects.passed().exists()


def test_reading_a_live_lesson_to_the_end_does_not_pass_it_and_attending_completes_the_course(desk: Desk) -> None:
    row = desk.rows[0]
    for lesson in row.version.content_keys:
        if lesson == LESSON:
            for step in range(len(readings(row.version.content, lesson)) + 1):
                read_on(row, lesson, step, by=desk.classroom.learner)
        elif lesson != "final":
            desk.classroom.answer(_running(desk.classroom.read(lesson, row)), assignment=row)
    assert not LessonProgress.objects.get(lesson=LESSON).passed_at
    with time_machine.travel(BEGINS, tick=False):
        note_attendance(desk.session, [row.pk], by=desk.classroom.manager)
        desk.classroom.answer(_running(desk.classroom.read("final", row)), assignment=row)
        attest(row, typed_name="Prescriber Host", address=None, device="", by=desk.classroom.learner)
        assert Completion.objects.get().assignment_id == row.pk


def _running(progress: LessonProgress):
    from training.learning.models import Attempt

    attempt = Attempt.running(progress)
    assert attempt is not None
    return attempt


def test_a_drill_counts_as_the_observed_competency(classroom: Classroom) -> None:
    with time_machine.travel(NOW, tick=False), scope(classroom.world.host.pk):
        drill = adopt_course(load_course(CONTENT / "crisis-responder-drill"), by=classroom.manager, source="library")
        AssignmentRule.set(drill.course, job_role="crisis-responder", by=classroom.manager)
        enroll(classroom.world.contributor, job_role="crisis-responder", site=classroom.site, started_on=date(2026, 11, 1), by=classroom.manager)  # fmt: skip
        session = LiveSession.plan(
            drill.course, counts_for="observation", starts_at=BEGINS, minutes=45, place="Hall", capacity=8,
            trainer=classroom.world.manager, by=classroom.manager,
        )  # fmt: skip
        row = Assignment.objects.get(course=drill.course)
        with time_machine.travel(BEGINS, tick=False):
            note_attendance(session, [row.pk], by=classroom.manager)
        signed = ObservedCompetency.objects.get()
        assert (signed.assignment_id, signed.passed, signed.observer_id) == (row.pk, True, classroom.world.manager.pk)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"counts_for": "order-and-read"}, "has no part that a live session counts for"),
        ({"starts_at": NOW - timedelta(minutes=1)}, "begins in the past"),
        ({"minutes": 4}, "takes 5 to 480 minutes"),
        ({"capacity": 0}, "has 1 to 500 seats"),
        ({"place": " "}, "Say where"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(desk: Desk, changed: dict, says: str) -> None:
    before = Event.objects.count()
    given = {"counts_for": LESSON, "starts_at": BEGINS, "minutes": 60, "place": "Room", "capacity": 5, **changed}
    with pytest.raises(NotHeld, match=says):
        LiveSession.plan(desk.rows[0].course, trainer=desk.classroom.world.manager, by=desk.classroom.manager, **given)
    assert (LiveSession.objects.count(), Event.objects.count()) == (1, before)


def test_every_kind_of_lesson_that_a_course_may_hold_is_taught() -> None:
    assert untaught() == set()
    assert kinds.names() == ("live", "reading")


def test_a_live_lesson_with_a_quiz_of_its_own_is_refused(prescriber_course: Course) -> None:
    course = replace(live(prescriber_course), questions=prescriber_course.questions)
    [lesson] = [one for one in course.lessons if one.kind == "live"]
    assert list(kinds.find("live").problems(course, lesson)) == [
        "a live lesson is passed by attending: give its questions to the lesson before, or to the final test"
    ]


def test_a_learner_signs_up_on_the_page_takes_it_into_the_calendar_and_gives_it_up(
    desk: Desk, client_of: ClientOf
) -> None:
    row, session = desk.rows[0], desk.session
    client = client_of(row.user)
    lesson = f"/o/host/learning/{row.pk}/lessons/{LESSON}/"
    for step in range(len(readings(row.version.content, LESSON)) + 1):
        read_on(row, LESSON, step, by=desk.classroom.learner)
    page = client.get(lesson).content.decode()
    assert "This lesson is passed by taking part in a live session." in page
    place = f"/o/host/learning/sessions/{session.pk}/"
    assert f'action="{place}seat/"' in page
    assert client.post(f"{place}seat/").status_code == 302
    assert "You have a seat." in client.get("/o/host/learning/sessions/").content.decode()
    entry = client.get(f"{place}session.ics")
    text = entry.content.decode()
    assert entry["Content-Type"] == "text/calendar; charset=utf-8"
    for line in ("DTSTART:20261210T170000Z", "DTEND:20261210T180000Z", "LOCATION:Room 2", "SEQUENCE:0"):
        assert f"{line}\r\n" in text
    assert client.post(f"{place}seat/give-up/").status_code == 302
    assert client.get(f"{place}session.ics").status_code == 404
    assert client_of(desk.classroom.world.auditor).post(f"{place}seat/").status_code in (403, 404)


def test_who_waits_for_a_seat_has_the_session_in_no_calendar_until_one_comes_free(
    desk: Desk, client_of: ClientOf
) -> None:
    desk.sign_up(0)
    desk.sign_up(1)
    waiting, address = desk.rows[1].user, f"/o/host/learning/sessions/{desk.session.pk}/session.ics"
    client = client_of(waiting)

    def sessions() -> list[str]:
        return [one.uid for one in days_of(waiting.pk, "https://x.example", "host") if one.uid.startswith("session-")]

    assert (client.get(address).status_code, sessions()) == (404, [])
    assert address not in client.get("/o/host/learning/sessions/").content.decode()
    give_up(desk.seat(0), by=desk.classroom.learner)
    assert (client.get(address).status_code, sessions()) == (200, [f"session-{desk.session.pk}"])
    assert address in client.get("/o/host/learning/sessions/").content.decode()


def test_the_lead_plans_moves_and_cancels_and_the_trainer_notes_who_was_there(desk: Desk, client_of: ClientOf) -> None:
    world, row = desk.classroom.world, desk.rows[0]
    client = client_of(world.manager)
    values = {
        "part": f"{row.version_id}/{LESSON}", "site": str(desk.classroom.site.pk), "on": "2026-12-15", "at": "09:30",
        "minutes": "90", "place": "Video call", "capacity": "5", "trainer": str(world.approver.pk),
    }  # fmt: skip
    assert client.post("/o/host/training/sessions/new/", {**values, "on": "2026-11-30"}).status_code == 422
    made = client.post("/o/host/training/sessions/new/", values)
    assert made.status_code == 302
    session = LiveSession.objects.get(place="Video call")
    assert session.starts_at == datetime(2026, 12, 15, 14, 30, tzinfo=UTC)  # half past nine in New York
    assert "Who it helps, and who not" in client.get("/o/host/training/sessions/").content.decode()
    assert client.post(made.url, {**values, "at": "10:00"}).status_code == 302
    session.refresh_from_db()
    assert (session.starts_at.hour, session.changed) == (15, 1)
    attendance = f"/o/host/learning/sessions/{session.pk}/attendance/"
    assert client_of(row.user).get(attendance).status_code == 404
    with time_machine.travel(session.starts_at, tick=False):
        trainer = client_of(world.approver)
        assert trainer.post(attendance, {"there": [str(row.pk), "x"]}).status_code == 302
        assert "Was there" in client_of(world.manager).get(made.url).content.decode()
        client = client_of(world.manager)
        file = b"".join(client.get("/o/host/training/sessions/?as=csv").streaming_content).decode("utf-8-sig")
        assert "Who it helps" in file


def test_the_list_costs_the_same_for_one_session_and_for_ten(desk: Desk, client_of: ClientOf) -> None:
    client = client_of(desk.classroom.world.manager)
    client.get("/o/host/training/sessions/")
    with CaptureQueriesContext(connection) as few:
        client.get("/o/host/training/sessions/")
    for number in range(9):
        LiveSession.plan(
            desk.rows[0].course, counts_for=LESSON, starts_at=BEGINS + timedelta(days=number), minutes=60, place="Room",
            capacity=5, trainer=desk.classroom.world.manager, by=desk.classroom.manager,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get("/o/host/training/sessions/")
    assert len(counted(many)) == len(counted(few))
