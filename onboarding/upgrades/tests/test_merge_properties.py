"""What holds for every playbook, every history of a site and every sequence of edits and upgrades."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.playbooks.order import find_cycle
from onboarding.upgrades.merge import (
    ACCEPTED,
    DONE,
    FOLLOW_PLAYBOOK,
    ITEM,
    NOT_APPLICABLE,
    OPEN,
    OURS,
    RETIRED,
    THEIRS,
    TODO,
    WAIVED,
    Checklist,
    Overtaken,
    Standing,
    Wanted,
    adapted,
    apply,
    fingerprint,
    merge,
    resolve,
    revert,
)

KEYS = [f"item-{letter}" for letter in "abcdef"]
Version = Mapping[str, Wanted]
EDITS = ("title", "owner", "due", "depends_on", "start", "accept", "waive", "drop", "remark", "add", "nothing")


@st.composite
def versions(draw: st.DrawFn, name: str = "") -> Version:
    """A playbook version at a site: some items, each waiting for earlier ones only, in an order of its own."""
    order = draw(st.permutations(KEYS))[: draw(st.integers(1, len(KEYS)))]
    found = {}
    for place, key in enumerate(order):
        waits = draw(st.lists(st.sampled_from(order[:place]), unique=True, max_size=2)) if place else []
        needed = draw(st.booleans()) or draw(st.booleans())
        fields = {
            "number": KEYS.index(key) + 1,
            "origin": f"{name}{draw(st.integers(0, 1_000_000))}",
            "title": draw(st.sampled_from(["one", "two", "three"])),
            "owner": draw(st.sampled_from(["IM", "EXS"])),
            "due": draw(st.sampled_from(["2027-01-04", "2027-02-01"])),
            "depends_on": [{"item": one, "lag_days": 0} for one in sorted(waits)],
        }
        found[key] = Wanted(fields, needed, "" if needed else "Not for this kind of site.")
    return found


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, str, Any]]:
    """What people do between two upgrades."""
    one = st.tuples(st.sampled_from(EDITS), st.sampled_from(KEYS), st.sampled_from(["here", "EVL", "2027-03-01"]))
    return draw(st.lists(one, max_size=12))


def planned(version: Version) -> dict[str, Standing]:
    """A deployment planned with the version, before anybody has done anything."""
    return apply({}, merge({}, {}, version).changes)


def edit(checklist: Checklist, kind: str, key: str, value: Any) -> dict[str, Standing]:
    """What the verbs of an item do, each refusing what it refuses."""
    after = dict(checklist)
    one = after.get(key)
    if kind == "add":
        own = f"own-{key}"
        after.setdefault(own, Standing({"number": 900, "title": "our own", "owner": "IM", "depends_on": []}))
        return after
    if one is None or one.state == RETIRED:
        return after
    if kind in ("title", "owner", "due"):
        after[key] = replace(one, fields={**one.fields, kind: value})
    elif kind == "depends_on":
        others = sorted(set(after) - {key})[:2]
        changed = {
            **after,
            key: replace(one, fields={**one.fields, kind: [{"item": o, "lag_days": 0} for o in others]}),
        }
        return changed if is_sound(changed) else after
    elif kind == "start" and one.state == TODO:
        after[key] = replace(one, state="in_progress", worked_on=True)
    elif kind in ("accept", "waive") and one.state in (TODO, "in_progress"):
        after[key] = replace(one, state=ACCEPTED if kind == "accept" else WAIVED, record={"done_at": value})
    elif kind == "drop" and one.state not in DONE:
        after[key] = replace(one, state=NOT_APPLICABLE, left_out=False, note=str(value))
    elif kind == "remark":
        after[key] = replace(one, worked_on=True)
    return after


def is_sound(checklist: Checklist) -> bool:
    return find_cycle({key: [o["item"] for o in one.fields["depends_on"]] for key, one in checklist.items()}) is None


def copied(checklist: Checklist, theirs: Version) -> dict[str, Standing]:
    """The checklist with what its items were copied from, as the database knows it after an upgrade."""
    return {
        key: replace(one, copied_from=theirs[key].fields if key in theirs else one.copied_from)
        for key, one in checklist.items()
    }


def decide(choice: str, conflicts: Any) -> dict[tuple[str, str], str]:
    return {one.name: choice for one in conflicts}


@st.composite
def situations(draw: st.DrawFn) -> tuple[Version, dict[str, Standing], Version]:
    """A version, a checklist planned with it and worked on, and a newer version."""
    base = draw(versions("v1-"))
    ours = planned(base)
    for one in draw(edits()):
        ours = edit(ours, *one)
    return base, ours, draw(versions("v2-"))


@given(situations())
@settings(max_examples=80, deadline=None)
def test_nothing_that_was_done_given_or_said_is_lost(situation: tuple[Version, dict[str, Standing], Version]) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    for choice in (OURS, THEIRS):
        after = apply(ours, resolve(merged, ours, decide(choice, merged.conflicts)))
        assert set(ours) <= set(after)
        for key, before in ours.items():
            assert after[key].record == before.record
            assert after[key].worked_on == before.worked_on
            if before.state in DONE:
                assert before.state in (after[key].state, after[key].retired_from)
                assert after[key].fields.get("due") == before.fields.get("due")


@given(situations())
@settings(max_examples=80, deadline=None)
def test_what_was_adapted_here_stays_unless_somebody_decides_otherwise(
    situation: tuple[Version, dict[str, Standing], Version],
) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    after = apply(ours, resolve(merged, ours, {}))
    for key, before in ours.items():
        differs = adapted(before, base[key].fields if key in base else None)
        for name in differs:
            assert after[key].fields[name] == before.fields[name]
        if before.state in OPEN and (differs or before.worked_on):
            assert after[key].state == before.state
        if key not in base:
            assert after[key].state == before.state or before.state == RETIRED
        if before.state == NOT_APPLICABLE and not before.left_out:
            assert NOT_APPLICABLE in (after[key].state, after[key].retired_from)


@given(situations())
@settings(max_examples=80, deadline=None)
def test_what_nobody_adapted_follows_the_newer_version(
    situation: tuple[Version, dict[str, Standing], Version],
) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    changes = resolve(merged, ours, {})
    after = apply(ours, changes)
    for key, wanted in theirs.items():
        if key not in ours:
            assert (key in after) == (key not in base)
            continue
        if key not in base:
            continue
        for name, value in wanted.fields.items():
            untouched = ours[key].fields.get(name) == base[key].fields.get(name)
            finished = (ours[key].retired_from or ours[key].state) in DONE
            if name in FOLLOW_PLAYBOOK or (untouched and name != "depends_on" and not (name == "due" and finished)):
                assert after[key].fields[name] == value
    for key in set(ours) & set(base) - set(theirs):
        undecided = any(one.name == (key, ITEM) for one in merged.conflicts)
        assert undecided or after[key].state == RETIRED


@given(situations())
@settings(max_examples=80, deadline=None)
def test_upgrading_twice_is_upgrading_once(situation: tuple[Version, dict[str, Standing], Version]) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    for choice in (OURS, THEIRS):
        once = copied(apply(ours, resolve(merged, ours, decide(choice, merged.conflicts))), theirs)
        again = merge(theirs, once, theirs)
        assert again.conflicts == ()
        assert fingerprint(apply(once, resolve(again, once, {}))) == fingerprint(once)


@given(situations())
@settings(max_examples=80, deadline=None)
def test_undo_restores_the_fingerprint_of_the_state_before(
    situation: tuple[Version, dict[str, Standing], Version],
) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    for choice in (OURS, THEIRS):
        changes = resolve(merged, ours, decide(choice, merged.conflicts))
        assert fingerprint(revert(apply(ours, changes), changes)) == fingerprint(ours)


@given(situations(), edits())
@settings(max_examples=80, deadline=None)
def test_undo_after_further_work_keeps_that_work_or_refuses(
    situation: tuple[Version, dict[str, Standing], Version], later: list[tuple[str, str, Any]]
) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    changes = resolve(merged, ours, {})
    after = apply(ours, changes)
    worked = after
    for one in later:
        worked = edit(worked, *one)
    try:
        before = revert(worked, changes)
    except Overtaken:
        return
    for key, one in worked.items():
        if one.worked_on or one.record:
            assert before[key].worked_on == one.worked_on
            assert before[key].record == one.record
        changed = [name for name in one.fields if key in after and one.fields[name] != after[key].fields.get(name)]
        assert all(before[key].fields[name] == one.fields[name] for name in changed)


@given(situations())
@settings(max_examples=80, deadline=None)
def test_no_upgrade_sends_dependencies_round_in_a_circle(
    situation: tuple[Version, dict[str, Standing], Version],
) -> None:
    base, ours, theirs = situation
    merged = merge(base, ours, theirs)
    for choice in (OURS, THEIRS):
        assert is_sound(apply(ours, resolve(merged, ours, decide(choice, merged.conflicts))))


@given(st.lists(st.tuples(versions(), edits(), st.sampled_from([OURS, THEIRS])), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_finished_work_and_the_sites_own_items_survive_any_sequence(
    steps: list[tuple[Version, list[tuple[str, str, Any]], str]],
) -> None:
    base: Version = steps[0][0]
    ours = planned(base)
    finished: dict[str, str] = {}
    worked: set[str] = set()  # evidence and remarks hang on the item's row
    for theirs, work, choice in steps:
        merged = merge(base, ours, theirs)
        before, changes = ours, resolve(merged, ours, decide(choice, merged.conflicts))
        ours = copied(apply(ours, changes), theirs)
        assert set(before) <= set(ours)
        assert fingerprint(revert(apply(before, changes), changes)) == fingerprint(before)
        if choice == OURS:
            for key, one in before.items():
                for name in adapted(one, base[key].fields if key in base else None):
                    assert ours[key].fields[name] == one.fields[name]
        base = theirs
        for one in work:
            ours = edit(ours, *one)
        finished |= {key: one.state for key, one in ours.items() if one.state in DONE}
        worked |= {key for key, one in ours.items() if one.worked_on}
        assert all(ours[key].worked_on for key in worked)
        own = {key for key in ours if key.startswith("own-")}
        for key, state in finished.items():
            assert state in (ours[key].state, ours[key].retired_from)
            assert ours[key].record["done_at"]
        assert all(ours[key].state != RETIRED for key in own)
