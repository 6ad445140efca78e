"""How values are written on screen."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from web import formats

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOON, tick=False):
        yield


def test_a_day_carries_its_year_only_when_it_is_another_one() -> None:
    assert formats.day(date(2026, 11, 24)) == "24 Nov"
    assert formats.day(date(2027, 1, 12)) == "12 Jan 2027"
    assert formats.day(None) == "–"


def test_a_moment_is_written_in_the_time_zone_in_force() -> None:
    late = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
    with timezone.override("America/Chicago"):
        assert formats.moment(late) == "23 Nov 21:30"
        assert str(formats.time_tag(late)) == '<time datetime="2026-11-23T21:30:00-06:00">23 Nov</time>'


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 12, 1), date(2026, 12, 9), "1 Dec – 9 Dec"),
        (date(2026, 12, 1), date(2026, 12, 1), "1 Dec"),
        (date(2026, 12, 1), None, "1 Dec"),
        (None, date(2026, 12, 1), "1 Dec"),
        (date(2026, 12, 1), date(2027, 1, 2), "1 Dec – 2 Jan 2027"),
    ],
)
def test_a_range_of_days(start: date | None, end: date | None, text: str) -> None:
    assert formats.day_range(start, end) == text


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=47, minutes=59), "47 hours ago"),
        (timedelta(hours=48), "21 Nov 12:00"),
        (timedelta(minutes=-52), "in 52 minutes"),
        (timedelta(days=-3), "26 Nov 12:00"),
    ],
)
def test_relative_words_hold_inside_48_hours_only(distance: timedelta, text: str) -> None:
    assert formats.ago(NOON - distance) == text


def test_days_between_counts_calendar_days_and_may_be_negative() -> None:
    assert formats.days_between(date(2026, 11, 23), date(2027, 1, 12)) == 50
    assert formats.days_between(NOON, date(2026, 11, 10)) == -13


def test_numbers_group_by_thousands_and_use_a_real_minus() -> None:
    assert formats.number(1184) == "1,184"
    assert formats.number(Decimal("-1184.5")) == "−1,184.5"
    assert formats.number(0.005, 2) == "0.01"
    assert formats.number(None) == "–"
    assert [formats.signed(n) for n in (4, 0, -3)] == ["+4", "0", "−3"]


def test_money_has_two_decimals_and_a_currency_where_asked() -> None:
    assert formats.money(Decimal(78842)) == "78,842.00"
    assert formats.money(Decimal("-0.5"), "USD") == "−0.50 USD"


def test_a_share_of_nothing_is_a_dash_not_an_error() -> None:
    assert formats.share(9, 14) == "64 %"
    assert formats.share(0, 0) == "–"
    assert formats.percent(33.35, 1) == "33.4 %"


def test_words_that_count() -> None:
    assert [formats.plural(n, "item") for n in (0, 1, 1200)] == ["0 items", "1 item", "1,200 items"]
    assert formats.plural(2, "person", "people") == "2 people"
    assert [formats.size(n) for n in (12, 812_400, 25_000_000)] == ["12 B", "812 KB", "25.0 MB"]
    assert [formats.monogram(n) for n in ("Implementation manager", "Vendor", "EHR integration analyst")] == [
        "IM",
        "VEN",
        "EIA",
    ]


def test_a_relative_time_says_the_exact_one_too() -> None:
    tag = str(formats.time_tag(NOON - timedelta(hours=2), "ago"))
    assert tag == '<time datetime="2026-11-23T10:00:00+00:00" title="23 Nov 10:00">2 hours ago</time>'
