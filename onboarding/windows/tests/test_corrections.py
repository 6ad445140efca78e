"""What a window counts from was wrong, or was taken back: the days move, and nothing that was said is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership, User
from audit.models import Event
from config.reactions import REACTIONS
from notices.models import Reminder
from onboarding.deployments.models import TeamRole
from onboarding.windows import jobs
from onboarding.windows.chains import ACCESS
from onboarding.windows.models import Series, SeriesRefused, Window
from onboarding.windows.notices import describe_opening
from onboarding.windows.tasks import remind
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
ALIGNED = date(2026, 9, 1)
Line = tuple[str, int, date, date, str]


def at(day: date, hour: int = 17) -> Any:
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tick=False)


@pytest.fixture
def here(scene: Scene) -> Iterator[Scene]:
    with scope(scene.world.host.pk):
        TeamRole.objects.get(deployment=scene.deployment, code="IM").fill(scene.world.manager, by=scene.manager)
        yield scene


@pytest.fixture
def series(here: Scene) -> Series:
    begun = Series.begin(
        ACCESS, title="Aligned in September", starts_on=ALIGNED, keeper=here.world.contributor, by=here.manager,
        deployment=here.deployment,
    )  # fmt: skip
    with at(date(2026, 11, 9)):
        begun.meet(the(begun, "baseline"), on=date(2026, 10, 1), by=here.manager)
    return begun


def windows(series: Series) -> list[Line]:
    rows = series.windows.order_by("opens_on", "closes_on", "number")
    return [(one.key, one.number, one.opens_on, one.closes_on, one.state) for one in rows]


def the(series: Series, key: str, number: int = 1) -> Window:
    return series.windows.get(key=key, number=number)


def state(series: Series) -> tuple[str, str]:
    found = Series.objects.get(pk=series.pk)
    return found.state, found.ended_reason


def test_a_corrected_day_moves_what_counts_from_it_with_its_reminders(here: Scene, series: Series) -> None:
    with at(date(2026, 11, 9)):
        series.correct(the(series, "baseline"), on=date(2026, 10, 20), by=here.manager, reason="The receipt says so.")
        series.correct(the(series, "baseline"), on=date(2026, 10, 20), by=here.manager, reason="Again.")
        assert windows(series)[1] == ("quarterly", 1, date(2026, 12, 29), date(2027, 2, 7), "planned")
        event = Event.objects.get(action="window.corrected")
        assert event.sentence == (
            "corrected the day of Baseline report of Aligned in September from 1 Oct 2026 to 20 Oct 2026: The receipt says so."
        )
        assert "onboarding.windows.tasks.remind" in REACTIONS["window.corrected"]
        remind(str(here.world.host.pk), str(event.pk))
        opening = Reminder.objects.filter(kind="windows.opens", state="due")
        assert [(row.step, row.on) for row in opening] == [("-14", date(2026, 12, 8))]


@pytest.mark.parametrize(
    ("on", "reason", "words"),
    [
        (date(2026, 10, 31), " ", "Say why"),
        (date(2026, 11, 1), "Late.", "closed on 31 Oct 2026"),
        (date(2026, 8, 31), "Early.", "opens on 1 Sep 2026"),
    ],
)
def test_a_day_outside_the_window_or_without_a_reason_corrects_nothing(
    here: Scene, series: Series, on: date, reason: str, words: str
) -> None:
    before, events = windows(series), Event.objects.count()
    with at(date(2026, 11, 9)), pytest.raises(SeriesRefused, match=words):
        series.correct(the(series, "baseline"), on=on, by=here.manager, reason=reason)
    assert (windows(series), Event.objects.count()) == (before, events)


def test_what_something_else_was_counted_from_stays_until_that_is_taken_back(here: Scene, series: Series) -> None:
    with at(date(2027, 1, 5)):
        series.meet(the(series, "quarterly"), on=date(2026, 12, 20), by=here.manager)
        for refused in (
            lambda: series.correct(the(series, "baseline"), on=date(2026, 10, 2), by=here.manager, reason="Wrong."),
            lambda: series.take_back(the(series, "baseline"), by=here.manager, reason="Wrong."),
        ):
            with pytest.raises(SeriesRefused, match="Quarterly report counts from it and was handed in already"):
                refused()
        series.take_back(the(series, "quarterly"), by=here.manager, reason="CMS refused it.")
        series.correct(the(series, "baseline"), on=date(2026, 10, 2), by=here.manager, reason="Wrong.")
        assert windows(series)[1:3] == [
            ("quarterly", 1, date(2026, 12, 11), date(2027, 1, 20), "planned"),
            ("quarterly", 2, date(2027, 2, 28), date(2027, 4, 9), "withdrawn"),
        ]
        # Handed in again: the window that had been taken back counts from that day.
        series.meet(the(series, "quarterly"), on=date(2027, 1, 4), by=here.manager)
        assert windows(series)[2] == ("quarterly", 2, date(2027, 3, 15), date(2027, 4, 24), "planned")


def test_a_report_that_was_taken_back_and_not_repeated_is_missed(here: Scene, series: Series) -> None:
    with at(date(2026, 10, 15)):
        series.take_back(the(series, "baseline"), by=here.manager, reason="It was the test system.")
        series.take_back(the(series, "baseline"), by=here.manager, reason="Again.")
        assert Event.objects.filter(action="window.taken_back").count() == 1
        assert [line[4] for line in windows(series)] == ["planned", "withdrawn", "planned"]
    with at(date(2026, 11, 1)):
        assert jobs.windows(here.world.host)["missed"] == 1
    assert state(series) == ("ended", "Baseline report was missed. CMS unaligns the patients.")


def test_a_series_that_counts_from_another_day_opens_again_what_had_closed(here: Scene) -> None:
    series = Series.begin(ACCESS, title="October", starts_on=ALIGNED, keeper=here.world.contributor, by=here.manager)
    with at(date(2026, 11, 2)):
        jobs.windows(here.world.host)
        assert state(series)[0] == "ended"
        with pytest.raises(SeriesRefused, match="Say why"):
            series.count_from(date(2026, 10, 1), by=here.manager, reason="")
        series.count_from(date(2026, 10, 1), by=here.manager, reason="They were aligned a month later.")
        series.count_from(date(2026, 10, 1), by=here.manager, reason="Again.")
        assert state(series) == ("running", "")
        assert windows(series) == [
            ("baseline", 1, date(2026, 10, 1), date(2026, 11, 30), "planned"),
            ("year-end", 1, date(2027, 10, 1), date(2027, 11, 30), "planned"),
        ]
        assert Event.objects.filter(action="window_series.counted_anew").count() == 1


def test_a_start_that_would_put_a_report_outside_its_window_is_refused(here: Scene, series: Series) -> None:
    before = windows(series)
    with (
        at(date(2026, 11, 9)),
        pytest.raises(SeriesRefused, match="was handed in on 1 Oct 2026, outside 5 Oct to 4 Dec"),
    ):
        series.count_from(date(2026, 10, 5), by=here.manager, reason="Aligned later.")
    assert (windows(series), Series.objects.get(pk=series.pk).starts_on) == (before, ALIGNED)


def test_a_series_that_somebody_ended_stays_ended_whatever_is_noted_late(here: Scene, series: Series) -> None:
    with at(date(2027, 1, 20)):
        jobs.windows(here.world.host)
        series.end(by=here.manager, reason="The contract ended.")
        series.meet(the(series, "quarterly"), on=date(2027, 1, 10), by=here.manager)
    assert state(series) == ("ended", "The contract ended.")
    assert not series.windows.filter(state="planned").exists()


def test_the_last_day_ends_where_the_work_is(here: Scene, series: Series) -> None:
    Site.objects.filter(pk=here.deployment.site_id).update(time_zone="Pacific/Honolulu")
    series = Series.objects.get(pk=series.pk)
    with at(date(2027, 1, 20), hour=5):  # the evening of the 19th in Honolulu
        assert jobs.windows(here.world.host)["missed"] == 0
        with pytest.raises(SeriesRefused, match="closes on 19 Jan 2027"):
            series.miss(the(series, "quarterly"), by=here.manager)
        series.meet(the(series, "quarterly"), on=date(2027, 1, 19), by=here.manager)
    assert the(series, "quarterly").state == "met"


def test_a_window_that_opened_while_its_message_waited_is_announced_as_open(here: Scene, series: Series) -> None:
    window = the(series, "quarterly")
    said = []
    for day in (date(2026, 12, 10), date(2026, 12, 11), date(2026, 12, 14)):
        with at(day):
            about = describe_opening([window.pk])[window.pk]
            said.append((str(about.title), about.due_on))
    assert said == [
        ("Quarterly report opens", window.opens_on),
        ("Quarterly report opens", window.opens_on),
        ("Quarterly report is open", window.closes_on),
    ]


def test_where_the_keeper_left_somebody_hears_all_the_same(here: Scene, series: Series) -> None:
    Membership.objects.active().get(user=here.world.contributor).end(by=here.by(here.world.contributor))
    with at(date(2026, 11, 20)):
        jobs.windows(here.world.host)
        opening = Reminder.objects.filter(kind="windows.opens", state="due")
        assert {row.recipient_id for row in opening} == {here.world.manager.pk}
        assert {row.reason for row in opening} == {"Nobody holds it now: it falls to you."}
    with at(date(2027, 1, 20)):
        jobs.windows(here.world.host)
        told = Reminder.objects.filter(kind="windows.missed", recipient=here.world.manager)
        assert told.count() == 1


def test_the_pages_correct_take_back_and_count_anew(
    here: Scene, series: Series, client_of: Callable[[User], Client]
) -> None:
    window, browser = the(series, "baseline"), client_of(here.world.manager)
    address = f"/o/host/windows/{series.pk}/"
    assert "Correct" in browser.get(address).content.decode()
    assert "noted as handed in on" in browser.get(f"{address}{window.pk}/correct").content.decode()
    said = {"on": "2026-10-20", "why": "The receipt says so."}
    with at(date(2026, 11, 9)):
        assert browser.post(f"{address}{window.pk}/correct", {**said, "why": ""}).status_code == 422
        assert browser.post(f"{address}{window.pk}/correct", said).status_code == 302
        assert browser.post(f"{address}{window.pk}/take-back", {"reason": ""}).status_code == 422
        assert browser.post(f"{address}start", {"starts_on": "2027-10-01", "why": "Wrong."}).status_code == 422
        assert browser.post(f"{address}start", {"starts_on": "2026-09-02", "why": "Wrong."}).status_code == 302
        assert browser.post(f"{address}{window.pk}/take-back", {"reason": "Refused."}).status_code == 302
    with scope(here.world.host.pk):
        assert the(series, "baseline").state == "planned"
        assert Series.objects.get(pk=series.pk).starts_on == date(2026, 9, 2)
