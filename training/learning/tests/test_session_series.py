"""Sessions that repeat, by page and by API, and a person's own calendar with their training in it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
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


def when(made: list[LiveSession]) -> list[str]:
    rows = LiveSession.objects.filter(series=made[0].series).for_page()
    return [f"{one.local:%d %b %H:%M}" for one in rows]


def changes(desk: Desk, one: LiveSession, **said: Any) -> int:
    """Change a session in what is said and leave the rest."""
    parts = {name: getattr(one, name) for name in ("starts_at", "minutes", "place", "capacity")}
    return change_session(one, **{**parts, **said}, by=desk.classroom.manager)


def test_this_and_the_later_ones_of_a_series_move_alike_by_the_clock_on_the_wall(desk: Desk) -> None:
    made = plan(desk, 4)
    sign_up(made[0], desk.rows[1], by=desk.classroom.by(desk.rows[1].user))
    sign_up(made[2], desk.rows[0], by=desk.classroom.learner)
    next_day = (made[1].local + timedelta(days=1)).replace(hour=11, minute=0)
    assert changes(desk, made[1], starts_at=next_day, later=True) == 3
    assert when(made) == [
        "25 Feb 09:30",
        "12 Mar 11:00",
        "26 Mar 11:00",
        "09 Apr 11:00",
    ]  # the clocks change on 14 March
    made = list(LiveSession.objects.filter(series=made[0].series).for_page())
    assert [one.changed for one in made] == [0, 1, 1, 1]  # the sequence that calendars follow
    assert Event.objects.filter(action="live_session.changed").count() == 3
    told = Reminder.objects.get(kind="training.session_moved")
    assert told.recipient_id == desk.rows[0].user_id
    planned = Reminder.objects.filter(kind="training.live_session", state="due", recipient=desk.rows[0].user)
    assert [row.on for row in planned.order_by("on")] == [date(2027, 3, 25), date(2027, 3, 26)]
    assert changes(desk, made[1], starts_at=next_day, later=True) == 0  # pressed twice


def test_what_is_new_for_one_is_new_for_the_later_ones_and_what_they_have_of_their_own_stays(desk: Desk) -> None:
    made = plan(desk, 3)
    changes(desk, made[2], place="Room 7", capacity=9)
    assert changes(desk, made[0], minutes=45, later=True) == 3
    rows = LiveSession.objects.filter(series=made[0].series).for_page()
    assert [(one.minutes, one.place, one.capacity) for one in rows] == [
        (45, "Room 2", 1), (45, "Room 2", 1), (45, "Room 7", 9),
    ]  # fmt: skip


def test_a_series_of_which_one_cannot_follow_stays_as_it_was(desk: Desk) -> None:
    made = plan(desk, 3)
    sign_up(made[1], desk.rows[0], by=desk.classroom.learner)
    changes(desk, made[2], starts_at=datetime(2036, 12, 20, 14, 30, tzinfo=UTC))
    before = when(made), Event.objects.count(), Reminder.objects.count()
    with pytest.raises(NotHeld, match="20 Dec 2036 09:30: It begins more than 10 years from now"):
        changes(desk, made[0], starts_at=made[0].starts_at + timedelta(days=20), later=True)
    assert (when(made), Event.objects.count(), Reminder.objects.count()) == before


def test_those_that_are_cancelled_or_over_do_not_follow(desk: Desk) -> None:
    made = plan(desk, 4)
    cancel_session(made[2], "Snow", by=desk.classroom.manager)
    with time_machine.travel(made[0].ends_at + timedelta(hours=1), tick=False):
        assert changes(desk, made[1], starts_at=made[1].starts_at + timedelta(hours=1), later=True) == 2
    assert when(made) == ["25 Feb 09:30", "11 Mar 10:30", "25 Mar 09:30", "08 Apr 10:30"]


@pytest.mark.parametrize("year", [1, 9999])
def test_a_year_that_no_calendar_means_is_refused_with_a_sentence(desk: Desk, client_of: ClientOf, year: int) -> None:
    world, row = desk.classroom.world, desk.rows[0]
    client, events = client_of(world.manager), Event.objects.filter(action__startswith="live_session.")
    before = LiveSession.objects.count(), events.count()
    values = {
        "part": f"{row.version_id}/{LESSON}", "site": str(desk.classroom.site.pk), "on": f"{year:04}-01-01" if year == 1 else "9999-12-31",
        "at": "23:30" if year > 1 else "00:10", "minutes": "90", "place": "Video call", "capacity": "5", "trainer": str(world.approver.pk),
        "times": "3", "weeks": "1",
    }  # fmt: skip
    says = "in the past" if year == 1 else "more than 10 years from now"
    for address in ("/o/host/training/sessions/new/", f"/o/host/training/sessions/{desk.session.pk}/"):
        answer = client.post(address, values)
        assert (answer.status_code, says in answer.content.decode()) == (422, True)
    for zone in (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
        with pytest.raises(NotHeld, match=says):
            plan(desk, 3, starts_at=datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, 12, tzinfo=zone))
    api = caller(world, world.manager)
    for moment in (f"{year:04}-01-01T00:10:00+14:00", f"{year:04}-12-31T23:50:00-12:00"):
        assert api.post(f"live-sessions/{desk.session.pk}/change", {"starts_at": moment}).status_code == 422
    assert (LiveSession.objects.count(), events.count()) == before


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
    moved = {"on": "2026-12-23", "at": "10:00", "minutes": "90", "place": "Video call", "capacity": "5"}
    assert client.post(f"/o/host/training/sessions/{made[1].pk}/", {**moved, "later": "on"}).status_code == 302
    assert when(made) == ["15 Dec 09:30", "23 Dec 10:00", "30 Dec 10:00"]
    assert "2 sessions changed." in client.get(f"/o/host/training/sessions/{made[1].pk}/").content.decode()
    client.post(f"/o/host/training/sessions/{made[1].pk}/", {**moved, "at": "09:00"})
    assert when(made) == ["15 Dec 09:30", "23 Dec 09:00", "30 Dec 10:00"]
    assert "later session" not in client.get(f"/o/host/training/sessions/{made[2].pk}/").content.decode()
    client.post(f"/o/host/training/sessions/{made[1].pk}/cancel/", {"because": "Snow", "later": "1"})
    assert LiveSession.objects.exclude(cancelled_at=None).count() == 2


def test_the_api_plans_moves_cancels_and_notes_who_was_there(desk: Desk) -> None:
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
    assert program.post(f"live-sessions/{first['id']}/change", {"minutes": 3}).status_code == 422
    moved = program.post(
        f"live-sessions/{first['id']}/change", {"starts_at": "2026-12-15T16:00:00Z", "later": True}
    ).json()
    assert (datetime.fromisoformat(moved["starts_at"]), moved["minutes"]) == (
        datetime(2026, 12, 15, 16, tzinfo=UTC),
        90,
    )
    assert LiveSession.objects.get(pk=second["id"]).starts_at == datetime(2026, 12, 22, 16, tzinfo=UTC)
    program.post(f"live-sessions/{first['id']}/change", {"starts_at": "2026-12-15T14:30:00Z"})
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
