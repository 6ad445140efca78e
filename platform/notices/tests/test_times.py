"""Moments against an oracle that knows nothing of offsets: it walks through UTC and looks at the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notices.times import is_quiet, moment, outside_quiet

ZONES = [
    "America/New_York",
    "America/Phoenix",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
]
FIRST, LAST = date(2026, 1, 1), date(2030, 12, 31)
MINUTE = timedelta(minutes=1)


def oracle(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first minute in UTC at which the wall clock shows this or, where it skips it, something later."""
    wanted = datetime.combine(day, at)
    now = datetime.combine(day, at, tzinfo=zone).astimezone(UTC).replace(tzinfo=UTC) - timedelta(hours=3)
    while now.astimezone(zone).replace(tzinfo=None) < wanted:
        now += MINUTE
    return now


def changes(zone: ZoneInfo) -> list[date]:
    """The days on which the zone's offset changes."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
    offset = [datetime.combine(day, time(12), tzinfo=zone).utcoffset() for day in days]
    return [days[number] for number in range(1, len(days)) if offset[number] != offset[number - 1]]


@pytest.mark.parametrize("name", ZONES)
def test_every_quarter_hour_of_every_changing_day_agrees_with_the_oracle(name: str) -> None:
    zone = ZoneInfo(name)
    for day in changes(zone):
        for quarter in range(24 * 4):
            at = time(quarter // 4, quarter % 4 * 15)
            assert moment(day, at, zone) == oracle(day, at, zone), (name, day, at)


@given(
    day=st.dates(FIRST, LAST),
    minutes=st.integers(0, 24 * 60 - 1),
    name=st.sampled_from(ZONES),
)
@settings(deadline=None, max_examples=300)
def test_any_minute_of_any_day_agrees_with_the_oracle(day: date, minutes: int, name: str) -> None:
    at = time(minutes // 60, minutes % 60)
    assert moment(day, at, ZoneInfo(name)) == oracle(day, at, ZoneInfo(name))


def test_a_skipped_hour_becomes_the_first_valid_instant() -> None:
    assert moment(date(2027, 3, 14), time(2, 30), ZoneInfo("America/New_York")) == datetime(
        2027, 3, 14, 7, 0, tzinfo=UTC
    )


def test_a_repeated_hour_is_the_first_one() -> None:
    assert moment(date(2026, 11, 1), time(1, 30), ZoneInfo("America/New_York")) == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("at", "quiet"),
    [(time(19, 59), False), (time(20), True), (time(23), True), (time(0), True), (time(6, 59), True), (time(7), False)],
)
def test_quiet_hours_run_over_midnight(at: time, quiet: bool) -> None:
    assert is_quiet(at, time(20), time(7)) is quiet


def test_a_message_in_the_evening_waits_for_the_morning_after() -> None:
    zone = ZoneInfo("America/New_York")
    evening = moment(date(2026, 11, 24), time(22), zone)
    assert outside_quiet(evening, zone, time(20), time(7)) == moment(date(2026, 11, 25), time(7), zone)


def test_a_message_before_dawn_waits_for_the_same_morning() -> None:
    zone = ZoneInfo("America/New_York")
    dawn = moment(date(2026, 11, 24), time(5), zone)
    assert outside_quiet(dawn, zone, time(20), time(7)) == moment(date(2026, 11, 24), time(7), zone)
