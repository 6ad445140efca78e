"""An upgraded plan is recomputed: dependencies, lags and added work move what waits for them; people's dates stay."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.deployments.models import Item
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.shape import Dependency
from onboarding.upgrades.actions.upgrade import dry_run, undo_upgrade
from onboarding.upgrades.dates import carried
from onboarding.upgrades.merge import Checklist, Standing, apply
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.upgrades.tests.test_upgrade import fingerprint, move
from tenancy.scope import scope
from tenancy.working_days import WorkingCalendar
from testing.scenes import Scene

START = date(2027, 1, 4)
CALENDAR = WorkingCalendar("US", "NY")


def waits(document: PlaybookDocument, key: str, before: str, lag: int = 0) -> tuple[Dependency, ...]:
    """An item's dependencies with one more."""
    item = next(one for one in document.items if one.key == key)
    return (*item.depends_on, Dependency(before, lag))


@pytest.mark.django_db
def test_work_that_a_version_puts_before_an_item_moves_the_item_and_what_waits_for_it(
    scene: Scene, starter: PlaybookDocument
) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("crisis-protocol")
        behind = Item.objects.filter(waits_for__predecessor=item, deployment=scene.deployment).first()
        assert behind is not None
        before, days_off = fingerprint(scene.deployment), (behind.due_on - scene.deployment.go_live_on).days
        newer = later(starter, dry_run={"title": "Dry run of an alert", "offset_days": days_off + 20})
        newer = later(newer, crisis_protocol={"depends_on": waits(newer, "crisis-protocol", "dry-run", 3)})
        to = publish(newer, by=scene.manager)
        (run,) = dry_run(scene.program, to)
        ledger = move(scene, to)

        added = scene.item("dry-run")
        wanted = CALENDAR.shift(added.due_on, 3)
        assert scene.item("crisis-protocol").due_on == wanted > item.due_on
        behind.refresh_from_db()
        assert behind.due_on >= wanted
        assert run.counts["changed"] == ledger.counts["changed"] >= 2
        undo_upgrade(ledger, by=scene.manager)
        assert fingerprint(scene.deployment) == before


@pytest.mark.django_db
def test_a_date_set_by_hand_and_finished_work_stay_where_they_are(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("crisis-protocol")
        Item.objects.filter(pk=item.pk).update(due_fixed=True)
        newer = later(starter, dry_run={"title": "Dry run of an alert", "offset_days": 0})
        newer = later(newer, crisis_protocol={"depends_on": waits(newer, "crisis-protocol", "dry-run")})
        move(scene, publish(newer, by=scene.manager))
        after = scene.item("crisis-protocol")
        assert (after.due_on, after.due_fixed) == (item.due_on, True)
        assert [one.key for one in after.predecessors()].count("dry-run") == 1


KEYS = "abcdef"


@st.composite
def checklists(draw: st.DrawFn) -> tuple[Checklist, Checklist]:
    """A checklist whose dates hold, and one that an upgrade made of it: other dates, dependencies and items."""

    def one(key: str, place: int, day: int, before: Any) -> Standing:
        waits_for = [{"item": other, "lag_days": draw(st.integers(0, 2))} for other in before]
        done = draw(st.booleans()) and draw(st.booleans())
        return Standing(
            {
                "number": place, "offset_days": day, "due": (START + timedelta(days=day)).isoformat(),
                "due_fixed": draw(st.booleans()) and draw(st.booleans()), "depends_on": waits_for,
            },
            state="accepted" if done else "todo",
            record={"done_at": f"{START.isoformat()}T12:00:00+00:00"} if done else {},
        )  # fmt: skip

    ours, after = {}, {}
    for place, key in enumerate(KEYS):
        before = draw(st.lists(st.sampled_from(KEYS[:place]), unique=True, max_size=2)) if place else []
        standing = one(key, place, draw(st.integers(0, 40)), before)
        if draw(st.booleans()) or draw(st.booleans()):
            ours[key] = standing
        changed = draw(st.booleans())
        others = draw(st.lists(st.sampled_from(KEYS[:place]), unique=True, max_size=2)) if place and changed else before
        day = standing.fields["due"]
        if changed and not standing.record and not standing.fields["due_fixed"]:
            day = (START + timedelta(days=draw(st.integers(0, 40)))).isoformat()
        waits_for = [{"item": other, "lag_days": 1} for other in others] if changed else standing.fields["depends_on"]
        after[key] = replace(standing, fields={**standing.fields, "due": day, "depends_on": waits_for})
    return ours, after


def due(one: Standing) -> str:
    """The day it is done by: when it was done, else its due date."""
    return str(one.record.get("done_at", one.fields["due"]))[:10]


@given(checklists())
def test_dates_only_move_later_and_never_those_of_finished_or_fixed_items(pair: tuple[Checklist, Checklist]) -> None:
    ours, after = pair
    for change in carried(ours, after, CALENDAR):
        one = after[change.key]
        assert change.field == "due"
        assert change.before == one.fields["due"] < change.after
        assert one.state == "todo"
        assert not one.fields["due_fixed"]


@given(checklists())
def test_what_an_upgrade_touches_is_due_after_what_it_waits_for(pair: tuple[Checklist, Checklist]) -> None:
    ours, after = pair
    settled = apply(after, carried(ours, after, CALENDAR))
    touched = {key for key, one in settled.items() if key not in ours or due(one) != due(ours[key])}
    touched |= {key for key in ours if ours[key].fields["depends_on"] != settled[key].fields["depends_on"]}
    for key, one in settled.items():
        if one.state != "todo" or one.fields["due_fixed"]:
            continue
        for wait in one.fields["depends_on"]:
            if {key, wait["item"]} & touched:
                ready = CALENDAR.shift(date.fromisoformat(due(settled[wait["item"]])), wait["lag_days"])
                assert date.fromisoformat(one.fields["due"]) >= ready


@given(checklists())
def test_what_an_upgrade_does_not_touch_stays_and_twice_is_once(pair: tuple[Checklist, Checklist]) -> None:
    ours, after = pair
    assert carried(after, after, CALENDAR) == []
    settled = apply(after, carried(ours, after, CALENDAR))
    assert carried(ours, settled, CALENDAR) == []
