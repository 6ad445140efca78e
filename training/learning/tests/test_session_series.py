"""Sessions that repeat, by page and by API, and a person's own calendar with their training in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, User
from api.tests.callers import caller
from audit.models import Event
from notices.models import Reminder
from onboarding.plans.models import CalendarFeed
from training.learning.actions.live_sessions import cancel_session, change_session, plan_series, sign_up
from training.learning.models import Completion, LessonProgress, LiveSession, SessionSeat
from training.learning.models.live_session import NotHeld
from training.learning.tests.test_live_sessions import BEGINS, LESSON, Desk, desk

__all__ = ["desk"]
ClientOf = Callable[[User], Client]


def plan(desk: Desk, times: int, **said: Any) -> list[LiveSession]:
    given = {
        "counts_for": LESSON, "starts_at": datetime(2027, 2, 25, 14, 30, tzinfo=UTC), "minutes": 60, "place": "Room 2", "capacity": 1,
        "trainer": desk.classroom.world.manager, "site": desk.classroom.site, "weeks": 2, **said,
    }  # fmt: skip
    return plan_series(desk.rows[0].course, times=times, by=desk.classroom.manager, **given)


def test_a_series_keeps_its_time_of_day_when_the_clocks_change(desk: Desk) -> None:
    made = plan(desk, 3)
    assert [f"{one.local:%d %b %H:%M}" for one in made] == ["25 Feb 09:30", "11 Mar 09:30", "25 Mar 09:30"]
    assert made[2].starts_at.astimezone(UTC) - made[1].starts_at.astimezone(UTC) == timedelta(days=14, hours=-1)
    assert len({one.series for one in made}) == 1
    assert plan(desk, 1)[0].series is None


def test_a_series_of_which_one_is_refused_is_not_planned_at_all(desk: Desk) -> None:
    before = LiveSession.objects.count(), Event.objects.count()
    for said, why in (({"times": 27}, "repeat 1 to 26 times"), ({"times": 2, "weeks": 0}, "every 1 to 12 weeks"), ({"times": 2, "capacity": 0}, "1 to 500 seats")):  # fmt: skip
        with pytest.raises(NotHeld, match=why):
            plan(desk, **said)
    assert (LiveSession.objects.count(), Event.objects.count()) == before


def test_the_later_ones_of_a_series_are_cancelled_with_it_and_the_earlier_ones_stay(desk: Desk) -> None:
    made = plan(desk, 3)
    sign_up(made[2], desk.rows[0], by=desk.classroom.learner)
    cancel_session(made[1], "The room floods", later=True, by=desk.classroom.manager)
    states = LiveSession.objects.filter(series=made[0].series).order_by("starts_at")
    assert [bool(one.cancelled_at) for one in states] == [False, True, True]
    told = Reminder.objects.get(kind="training.session_moved")
    assert told.recipient_id == desk.rows[0].user_id


def test_the_lead_plans_a_series_on_the_page(desk: Desk, client_of: ClientOf) -> None:
    world, row = desk.classroom.world, desk.rows[0]
    client = client_of(world.manager)
    values = {
        "part": f"{row.version_id}/{LESSON}", "site": str(desk.classroom.site.pk), "on": "2026-12-15", "at": "09:30", "minutes": "90",
        "place": "Video call", "capacity": "5", "trainer": str(world.approver.pk), "times": "3", "weeks": "1",
    }  # fmt: skip
    assert client.post("/o/host/training/sessions/new/", values).url == "/o/host/training/sessions/"
    made = list(LiveSession.objects.filter(place="Video call").order_by("starts_at"))
    assert [one.local.day for one in made] == [15, 22, 29]
    page = client.get(f"/o/host/training/sessions/{made[1].pk}/").content.decode()
    assert "1 later session of the series too" in page
    assert f"/o/host/training/sessions/{made[0].pk}/" in page
    client.post(f"/o/host/training/sessions/{made[1].pk}/cancel/", {"because": "Snow", "later": "1"})
    assert LiveSession.objects.exclude(cancelled_at=None).count() == 2


def test_the_api_plans_cancels_and_notes_who_was_there(desk: Desk) -> None:
    world, row = desk.classroom.world, desk.rows[0]
    program = caller(world, world.manager)
    body = {
        "course": row.course.key, "counts_for": LESSON, "starts_at": "2026-12-15T14:30:00Z", "minutes": 90, "place": "Video call",
        "capacity": 5, "trainer": world.approver.email, "times": 2,
    }  # fmt: skip
    refused = program.post("live-sessions", {**body, "trainer": "nobody@x.example", "course": "nope"})
    assert (refused.status_code, LiveSession.objects.filter(place="Video call").count()) == (422, 0)
    assert program.post("live-sessions", {**body, "capacity": 0}).status_code == 422
    first, second = program.post("live-sessions", body).json()
    assert (first["series"], first["taken"]) == (second["series"], 0)
    assert len(program.get(f"live-sessions?series={first['series']}").json()["results"]) == 2
    gone = program.post(f"live-sessions/{second['id']}/cancel", {"because": "Snow"}).json()
    assert gone["cancelled_because"] == "Snow"
    seen = {"emails": [row.user.email]}
    assert program.post(f"live-sessions/{first['id']}/attend", seen).status_code == 422  # not begun
    assert not LessonProgress.objects.exclude(passed_at=None).exists()
    with time_machine.travel(datetime(2026, 12, 15, 15, tzinfo=UTC), tick=False):
        stranger = program.post(f"live-sessions/{first['id']}/attend", {"emails": ["nobody@x.example"]})
        assert (stranger.status_code, SessionSeat.objects.count()) == (422, 0)
        assert program.post(f"live-sessions/{first['id']}/attend", seen).json()["attended"] == 1
    assert LessonProgress.objects.exclude(passed_at=None).get().lesson == LESSON
    assert not Completion.objects.exists()


def test_a_learner_has_sessions_and_due_courses_in_their_own_calendar(desk: Desk, client_of: ClientOf) -> None:
    world, row = desk.classroom.world, desk.rows[0]
    assert list(Membership.objects.active().get(user=world.learner).roles) == ["learner"]
    client, anybody = client_of(world.learner), Client()
    assert "/o/host/calendar-link/" in client.get("/o/host/learning/sessions/").content.decode()
    assert client.post("/o/host/calendar-link/make").status_code == 302
    feed = f"/c/host/{CalendarFeed.objects.get().token}.ics"
    text = anybody.get(feed).content.decode()
    assert (text.count("BEGIN:VEVENT"), f"UID:course-{row.pk}@causeway" in text) == (1, True)
    sign_up(desk.session, row, by=desk.classroom.learner)
    text = anybody.get(feed).content.decode()
    assert f"DTSTART:{BEGINS:%Y%m%dT%H%M%SZ}" in text
    later = BEGINS + timedelta(hours=2)
    change_session(desk.session, starts_at=later, minutes=60, place="Room 9", capacity=1, by=desk.classroom.manager)
    text = anybody.get(feed).content.decode()
    assert f"DTSTART:{later:%Y%m%dT%H%M%SZ}" in text
    assert "LOCATION:Room 9" in text
    cancel_session(desk.session, "Snow", by=desk.classroom.manager)
    assert "STATUS:CANCELLED" in anybody.get(feed).content.decode()
    assert anybody.get(feed).content.decode().count("BEGIN:VEVENT") == 2
