"""Identifiers are ordered by the moment they were made, also within one tick of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import time_machine

from tenancy.ids import uuid7

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_ids_of_one_moment_keep_the_order_in_which_they_were_made() -> None:
    with time_machine.travel(NOON, tick=False):
        made = [uuid7() for _ in range(10_000)]
    assert all(one < two for one, two in pairwise(made))
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_a_clock_set_back_by_less_than_a_second_keeps_the_order_and_by_more_starts_from_there() -> None:
    with time_machine.travel(NOON, tick=False):
        first = uuid7()
    with time_machine.travel(NOON - timedelta(milliseconds=900), tick=False):
        assert uuid7() > first
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        earlier = uuid7()
    assert earlier < first
    assert earlier.int >> 80 == int((NOON - timedelta(hours=1)).timestamp() * 1000)
