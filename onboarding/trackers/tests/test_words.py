"""What the words and dates of a tracker mean."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.trackers.matching import Known, match_rows
from onboarding.trackers.words import date_of, day_first, state_of

NEAR = date(2027, 3, 2)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Done", "accepted"), ("COMPLETE", "accepted"), ("100%", "accepted"), ("x", "accepted"), ("✓", "accepted"),
        ("In Progress", "in_progress"), ("WIP", "in_progress"), ("50 %", "in_progress"), ("0.5", "in_progress"),
        ("Stuck - vendor", "blocked"), ("On hold", "blocked"), ("Waiting on legal", "blocked"),
        ("not started", "todo"), ("TBD", "todo"), ("0%", "todo"), ("N/A", "not_applicable"), ("cancelled", "not_applicable"),
        ("✅ Done", "accepted"), ("✅", "accepted"), ("🟢", "in_progress"), ("🔴 Blocked – legal", "blocked"), ("⏸️", "blocked"),
        ("🚧 WIP", "in_progress"), ("☐", "todo"), ("❌", None), ("1", "accepted"), ("Green", "in_progress"),
        ("In progess", "in_progress"), ("Compelte", "accepted"), ("Bloked", "blocked"), ("not stared", "todo"),
        ("Canceled", "not_applicable"), ("Incomplete", "in_progress"), ("Unblocked", "in_progress"), ("not complete", "todo"),
        ("Not approved", None), ("Ready for review", "in_review"), ("??", None), ("Bob", None), ("", None),
    ],
)  # fmt: skip
def test_states_as_people_write_them(word: str, state: str | None) -> None:
    assert state_of(word) == state


@pytest.mark.parametrize(
    ("text", "first_day", "meant"),
    [
        ("2027-01-12", False, date(2027, 1, 12)), ("2027-01-12T00:00:00", False, date(2027, 1, 12)),
        ("1/8/27", False, date(2027, 1, 8)), ("1/8/27", True, date(2027, 8, 1)), ("08.01.2027", True, date(2027, 1, 8)),
        ("Jan 12 2027", False, date(2027, 1, 12)), ("12-Jan-27", False, date(2027, 1, 12)),
        ("January 12th, 2027", False, date(2027, 1, 12)), ("Jan 20", False, date(2027, 1, 20)),
        ("12/30", False, date(2026, 12, 30)), ("46399", False, date(2027, 1, 12)),
        ("2027/01/12", False, date(2027, 1, 12)), ("2027年1月12日", False, date(2027, 1, 12)),
        ("Tue 1/12/27", False, date(2027, 1, 12)), ("Tues., Jan 12", False, date(2027, 1, 12)),
        ("12 de enero de 2027", False, date(2027, 1, 12)), ("12 ene 2027", False, date(2027, 1, 12)),
        ("mar. 12 janv. 2027", False, date(2027, 1, 12)), ("15. März 2027", False, date(2027, 3, 15)),
        ("Di, 12.01.2027", True, date(2027, 1, 12)), ("12.1.", True, date(2027, 1, 12)),
        ("Jan 12 2027 5:00 PM", False, date(2027, 1, 12)), ("1 février", False, date(2027, 2, 1)),
        ("by Jan 12", False, date(2027, 1, 12)), ("Jan 2027", False, None), ("Feb 30 2027", False, None),
        ("Q1 2027", False, None), ("Jan 12 or Jan 14", False, None), ("week 3", False, None),
        ("soon", False, None), ("2/30/27", False, None), ("13/13/27", False, None), ("1/1/1970", False, None),
    ],
)  # fmt: skip
def test_dates_in_any_common_form(text: str, first_day: bool, meant: date | None) -> None:
    assert date_of(text, first_day=first_day, near=NEAR) == meant


def test_a_number_over_twelve_tells_which_comes_first() -> None:
    assert not day_first(["1/8/27", "2/26/27"])
    assert day_first(["1/8/27", "26/2/27"])
    assert day_first(["1.8.27"])


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reading(text: str) -> None:
    state_of(text)
    date_of(text, first_day=day_first([text]), near=NEAR)
    match_rows([(1, text, text)], [Known(1, 1, "a-key", "A title of an item")])


def test_no_item_is_given_to_two_rows_and_the_better_one_gets_it() -> None:
    item = Known("a", 22, "vendor-security-review", "Vendor security review")
    found = match_rows(
        [(1, "", "Security review of the vendor, second round"), (2, "", "Vendor security review")], [item]
    )
    assert {row: match.confidence for row, match in found.items()} == {2: 1.0}
