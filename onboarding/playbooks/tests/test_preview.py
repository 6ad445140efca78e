"""A draft's dates: first and last day of each item, what is due before it can be, and drafts that do not add up."""

from datetime import date
from typing import Any

from onboarding.playbooks.preview import PlannedItem, planned
from onboarding.playbooks.web.timeline import lines, ties
from tenancy.working_days import WorkingCalendar
from web.gantt import draw

GO_LIVE, KICK_OFF = date(2027, 10, 5), date(2027, 2, 1)


def item(number: int, key: str, days: Any, **more: Any) -> dict[str, Any]:
    return {"number": number, "key": key, "stage": 1, "title": key, "offset_days": days, **more}


def plan(*items: dict[str, Any]) -> dict[str, PlannedItem]:
    found = planned({"items": list(items)}, go_live=GO_LIVE, kick_off=KICK_OFF, calendar=WorkingCalendar("US"))
    return {one.item["key"]: one for one in found}


def test_work_begins_as_many_working_days_before_as_its_effort_takes() -> None:
    # Twelve hours at half a day are three working days; 4 October 2027 is a Monday.
    found = plan(item(1, "short", -1, effort_hours=12), item(2, "decision", -1, effort_hours=12, completed_by="gate"))
    assert (found["short"].start, found["short"].due) == (date(2027, 9, 30), date(2027, 10, 4))
    assert (found["decision"].start, found["decision"].due) == (date(2027, 10, 4), date(2027, 10, 4))


def test_a_window_reaches_over_its_days_and_counts_from_kick_off_or_another_item() -> None:
    found = plan(item(1, "window", 7, until_days=28, offset_from="kick_off"), item(2, "after", 3, offset_from="window"))
    assert (found["window"].start, found["window"].due) == (date(2027, 2, 8), date(2027, 3, 1))
    assert found["after"].due == date(2027, 3, 4)


def test_what_is_due_before_it_can_be_is_named_and_drawn_as_too_early() -> None:
    found = plan(
        item(1, "contract", -10), item(2, "access", -9, depends_on=[{"item": "contract", "lag_days": 5}]),
        item(3, "calm", -1, depends_on=["contract"]),
    )  # fmt: skip
    assert [(one.key, one.ready) for one in found["access"].too_early] == [("contract", date(2027, 10, 1))]
    assert found["calm"].too_early == found["calm"].tight == ()
    rows = lines(found.values(), {1: "Plan"}, {}, kick_off=KICK_OFF, go_live=GO_LIVE)
    late = next(row for row in rows if row.id == "access")
    assert ([bar.kind for bar in late.bars], late.bars[0].after, late.late) == (["b4"], "Too early", True)
    assert [(tie.before, tie.after, tie.critical) for tie in ties(found.values(), every=False)] == [
        ("contract", "access", True)
    ]
    assert len(ties(found.values(), every=True)) == 2


def test_a_draft_that_does_not_add_up_is_drawn_as_far_as_it_does() -> None:
    found = plan(
        item(1, "round", 1, offset_from="trip"),
        item(2, "trip", 1, offset_from="round"),
        item(3, "lost", 1, offset_from="nowhere"),
        item(4, "endless", 10**12),
        item(5, "words", "soon", effort_hours="much", depends_on=7),
        item(6, "heavy", -1, effort_hours=10**9, depends_on=[{"item": "whole", "lag_days": 10**9}, {}, 4, "lost"]),
        item(7, "whole", -2, effort_hours="much", until_days=-30),
        item(8, "farewell", 0, anchor="decommission"),
    )
    assert {key for key, one in found.items() if one.due} == {"heavy", "whole"}
    assert [one.key for one in found["heavy"].waits] == ["whole"]
    rows = lines(found.values(), {}, {}, kick_off=KICK_OFF, go_live=GO_LIVE)
    drawn = draw(rows, scale="months", today=date(2027, 1, 4), ties=ties(found.values(), every=True))
    assert [one.line.title for one in drawn.lines] == ["Kick-off", "Go-live", "1", "#7 whole", "#6 heavy"]
