"""Windows: relative to the event before, in chains, warned of, met, missed."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import Event
from config.reactions import REACTIONS
from notices.models import Reminder
from onboarding.deployments.models import TeamRole
from onboarding.windows import jobs
from onboarding.windows.chains import ACCESS, CHAINS, ChainRefused, Step, find, own
from onboarding.windows.models import Series, SeriesRefused, Window
from onboarding.windows.spans import days, months
from onboarding.windows.tasks import remind
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
ALIGNED = date(2026, 9, 1)
NOON = 17


def at(day: date) -> Any:
    return time_machine.travel(datetime(day.year, day.month, day.day, NOON, tzinfo=UTC), tick=False)


@pytest.fixture
def here(scene: Scene) -> Iterator[Scene]:
    with scope(scene.world.host.pk):
        TeamRole.objects.get(deployment=scene.deployment, code="IM").fill(scene.world.manager, by=scene.manager)
        yield scene


def begin(scene: Scene, **changes: Any) -> Series:
    said = {
        "title": "Aligned in September",
        "starts_on": ALIGNED,
        "keeper": scene.world.contributor,
        "by": scene.manager,
    }
    return Series.begin(ACCESS, **{**said, "deployment": scene.deployment, **changes})


def windows(series: Series) -> list[tuple[str, int, date, date, str]]:
    rows = series.windows.order_by("opens_on", "closes_on", "number")
    return [(one.key, one.number, one.opens_on, one.closes_on, one.state) for one in rows]


def the(series: Series, key: str, number: int = 1) -> Window:
    return series.windows.get(key=key, number=number)


def test_the_chain_of_access_runs_from_the_alignment_to_the_years_end(here: Scene) -> None:
    series, by = begin(here), here.manager
    # Day 60 and day 425 after 1 September 2026.
    assert windows(series) == [
        ("baseline", 1, ALIGNED, date(2026, 10, 31), "planned"),
        ("year-end", 1, date(2027, 9, 1), date(2027, 10, 31), "planned"),
    ]
    with at(date(2028, 1, 1)):
        series.meet(the(series, "baseline"), on=date(2026, 10, 1), by=by)
        assert windows(series)[1] == ("quarterly", 1, date(2026, 12, 10), date(2027, 1, 19), "planned")
        series.meet(the(series, "quarterly"), on=date(2026, 12, 20), by=by)
        assert windows(series)[2] == ("quarterly", 2, date(2027, 2, 28), date(2027, 4, 9), "planned")
        series.meet(the(series, "quarterly", 2), on=date(2027, 4, 9), by=by)
        series.meet(the(series, "quarterly", 3), on=date(2027, 7, 20), by=by)
        # 70 days later lies beyond the year: the year's end is the last report.
        assert not series.windows.filter(number=4).exists()
        series.meet(the(series, "year-end"), on=date(2027, 10, 31), by=by)
    series.refresh_from_db()
    assert series.state == "completed"
    assert Event.objects.filter(action="window.met").count() == 5


def test_a_missed_window_is_recorded_told_and_the_next_counts_from_its_closing(here: Scene) -> None:
    series = begin(here)
    with at(date(2026, 10, 1)):
        series.meet(the(series, "baseline"), on=date(2026, 10, 1), by=here.manager)
    with at(date(2027, 1, 19)):
        assert jobs.windows(here.world.host)["missed"] == 0  # its last day is still open
    with at(date(2027, 1, 20)):
        assert jobs.windows(here.world.host)["missed"] == 1
        assert jobs.windows(here.world.host)["missed"] == 0
    assert windows(series)[1:3] == [
        ("quarterly", 1, date(2026, 12, 10), date(2027, 1, 19), "missed"),
        ("quarterly", 2, date(2027, 3, 30), date(2027, 5, 9), "planned"),
    ]
    event = Event.objects.get(action="window.missed")
    assert event.sentence == "missed Quarterly report of Aligned in September: it closed on 19 Jan 2027"
    told = Reminder.objects.filter(kind="windows.missed")
    assert set(told.values_list("recipient_id", flat=True)) == {here.world.contributor.pk, here.world.manager.pk}
    # It was handed in in time, and is noted late: what counted from the closing day counts from that day now.
    with at(date(2027, 1, 25)):
        series.meet(the(series, "quarterly"), on=date(2027, 1, 10), by=here.manager)
    assert windows(series)[1:3] == [
        ("quarterly", 1, date(2026, 12, 10), date(2027, 1, 19), "met"),
        ("quarterly", 2, date(2027, 3, 21), date(2027, 4, 30), "planned"),
    ]


def test_a_missed_baseline_ends_the_chain_and_a_late_note_takes_it_up_again(here: Scene) -> None:
    series = begin(here)
    with at(date(2026, 11, 1)):
        jobs.windows(here.world.host)
        series.refresh_from_db()
        assert (series.state, series.ended_reason) == (
            "ended",
            "Baseline report was missed. CMS unaligns the patients.",
        )
        assert [state for *_, state in windows(series)] == ["missed", "withdrawn"]
        series.meet(the(series, "baseline"), on=date(2026, 10, 31), by=here.manager)
        series.refresh_from_db()
        assert series.state == "running"
        assert [(key, state) for key, _, _, _, state in windows(series)] == [
            ("baseline", "met"), ("quarterly", "planned"), ("year-end", "planned"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 12, 9), "opens on 10 Dec 2026"),
        (date(2027, 1, 20), "closed on 19 Jan 2027"),
        (date(2027, 1, 21), "today at the latest"),
    ],
)
def test_what_is_handed_in_outside_the_window_does_not_count(here: Scene, on: date, words: str) -> None:
    series = begin(here)
    with at(date(2027, 1, 20)):
        series.meet(the(series, "baseline"), on=date(2026, 10, 1), by=here.manager)
        before, events = windows(series), Event.objects.count()
        with pytest.raises(SeriesRefused, match=words):
            series.meet(the(series, "quarterly"), on=on, by=here.manager)
        assert (windows(series), Event.objects.count()) == (before, events)


def test_the_keeper_is_warned_before_it_opens_and_the_manager_too_before_it_closes(here: Scene) -> None:
    series = begin(here)
    with at(date(2026, 11, 9)):
        series.meet(the(series, "baseline"), on=date(2026, 10, 20), by=here.manager)
        event = Event.objects.filter(action="window.met").get()
        assert "onboarding.windows.tasks.remind" in REACTIONS["window.met"]
        remind(str(here.world.host.pk), str(event.pk))
        opening = Reminder.objects.filter(kind="windows.opens", state="due")
        # It opens on 29 December, 70 days later; Thanksgiving and Christmas are no working days.
        assert sorted((row.step, row.on) for row in opening) == [("-14", date(2026, 12, 8))]
        assert {row.recipient_id for row in opening} == {here.world.contributor.pk}
    with at(date(2027, 1, 20)):
        jobs.windows(here.world.host)
        closing = Reminder.objects.filter(kind="windows.closes", state="due").order_by("on", "recipient_id")
        # It closes on Sunday, 7 February: counted from Friday the 5th.
        assert {(row.step, row.on) for row in closing} == {
            ("-7", date(2027, 1, 27)), ("-3", date(2027, 2, 2)), ("0", date(2027, 2, 5)),
        }  # fmt: skip
        assert {row.recipient_id for row in closing} == {here.world.contributor.pk, here.world.manager.pk}
        series.meet(the(series, "quarterly"), on=date(2027, 1, 20), by=here.manager)
        remind(str(here.world.host.pk), str(Event.objects.filter(action="window.met").order_by("-id")[0].pk))
        window = the(series, "quarterly")
        assert not Reminder.objects.filter(subject_id=window.pk, state="due").exists()


def test_the_same_series_is_begun_once_and_an_end_takes_back_what_is_to_come(here: Scene) -> None:
    series = begin(here)
    assert begin(here).pk == series.pk
    with pytest.raises(SeriesRefused, match="Say why"):
        series.end(by=here.manager, reason=" ")
    series.end(by=here.manager, reason="The contract ended.")
    series.end(by=here.manager, reason="Again.")
    assert {state for *_, state in windows(series)} == {"withdrawn"}
    assert Event.objects.filter(action__in=["window_series.begun", "window_series.ended"]).count() == 2


def test_whoever_does_not_belong_here_keeps_nothing(here: Scene) -> None:
    with pytest.raises(SeriesRefused, match="belongs to the organization"):
        begin(here, keeper=here.world.stranger)
    assert not Series.objects.exists()


def test_a_rule_of_ones_own_repeats_from_each_report(here: Scene) -> None:
    for bad in (("", 0, 5), ("Report", 9, 5), ("Report", -1, 5)):
        with pytest.raises(ChainRefused):
            own(*bad, repeats=False)
    series = begin(here, title="Ours") and Series.begin(
        own("Grant report", 80, 100, repeats=True), title="Grant 12", starts_on=ALIGNED, keeper=here.world.contributor,
        by=here.manager,
    )  # fmt: skip
    with at(date(2026, 12, 1)):
        series.meet(the(series, "report"), on=date(2026, 11, 30), by=here.manager)
    assert windows(series)[1] == ("report", 2, date(2027, 2, 18), date(2027, 3, 10), "planned")


@given(st.dates(date(2024, 1, 1), date(2040, 12, 31)), st.integers(0, 120))
def test_months_later_is_the_same_day_or_the_months_last(day: date, count: int) -> None:
    later = months(count).after(day)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == count
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_every_starter_rule_is_sound_and_kept_as_it_was() -> None:
    for chain in CHAINS:
        assert find(chain.key) is chain
        keys = {"start", *(step.key for step in chain.steps)}
        for step in chain.steps:
            assert step.after in keys
            assert step.opens.after(ALIGNED) <= step.closes.after(ALIGNED)
            assert Step.from_data(step.as_data()) == step
    assert (str(days(1)), str(months(6))) == ("1 day", "6 months")


def test_the_pages_begin_meet_hand_on_and_end(here: Scene, client_of: Callable[[User], Client]) -> None:
    browser = client_of(here.world.manager)
    assert "CMS ACCESS, behavioral health" in browser.get("/o/host/windows/").content.decode()
    said = {
        "chain": "own", "title": "Grant 12", "starts_on": "2026-09-01", "keeper": str(here.world.contributor.pk),
        "own_title": "Grant report", "own_opens": "0", "own_closes": "5000",
    }  # fmt: skip
    assert browser.post("/o/host/windows/new/", said).status_code == 422
    answer = browser.post("/o/host/windows/new/", {**said, "own_closes": "60"})
    assert answer.status_code == 302
    with scope(here.world.host.pk):
        series = Series.objects.get()
        window = series.windows.get()
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "Grant report" in page
    assert client_of(here.world.contributor).get("/o/host/windows/new/").status_code == 403
    meet = f"/o/host/windows/{series.pk}/{window.pk}/meet"
    assert client_of(here.world.contributor).post(meet, {"on": "2026-08-01"}).status_code == 422
    assert client_of(here.world.contributor).post(meet, {"on": "2026-09-03"}).status_code == 302
    assert (
        browser.post(f"/o/host/windows/{series.pk}/keeper", {"keeper": str(here.world.manager.pk)}).status_code == 302
    )
    assert browser.post(f"/o/host/windows/{series.pk}/end", {"reason": ""}).status_code == 422
    with scope(here.world.host.pk):
        series.refresh_from_db()
        assert (series.keeper_id, series.state) == (here.world.manager.pk, "completed")
    assert client_of(here.world.stranger).get(f"/o/host/windows/{series.pk}/").status_code == 404
