"""An own playbook onto a newer version of what it came from: three ways, decided on one page, kept as a draft."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from onboarding.playbooks.diff import differences
from onboarding.playbooks.document import PlaybookDocument, shortcomings
from onboarding.playbooks.inheritance import levels, newer, upstream
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.playbooks.plain import Plain, written
from onboarding.playbooks.rebase import OURS, THEIRS, rebase
from onboarding.upgrades.tests.later_version import later
from tenancy.scope import scope
from testing.scenes import Scene

SignIn = Callable[[User], Client]
KEYS = "abcdef"


@st.composite
def playbooks(draw: st.DrawFn) -> Plain:
    """Some items, a role and a scorecard; numbers may collide between two playbooks, never within one."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    numbers = draw(st.permutations(range(1, len(KEYS) + 1)))
    words = st.sampled_from(["one", "two", "three"])
    items = []
    for key, number in zip(keys, numbers, strict=False):
        item: Plain = {"stage": 1, "number": number, "key": key, "title": draw(words), "owner": draw(words)}
        if draw(st.booleans()):
            item["condition"] = {"fact": draw(words)}
        items.append(item)
    return {
        "key": "own", "title": draw(words), "version": "1.0", "roles": [{"code": "IM", "title": draw(words)}],
        "scorecard": {"go": draw(st.integers(80, 90)), "domains": [{"key": "d", "weight": draw(st.integers(1, 3))}]},
        "runbook": {"steps": [], "triggers": []}, "stages": [], "gates": [], "items": items,
    }  # fmt: skip


def facts(plain: Plain) -> dict[str, Any]:
    return {one["key"]: {name: value for name, value in one.items() if name != "number"} for one in plain["items"]}


@given(playbooks(), playbooks())
def test_what_only_one_side_changed_is_taken_without_a_question(base: Plain, other: Plain) -> None:
    assert rebase(base, base, other).conflicts == ()
    assert facts(rebase(base, base, other).resolved({})) == facts(other)
    assert rebase(base, other, base).conflicts == ()
    assert rebase(base, other, base).resolved({}) == other


@given(playbooks(), playbooks(), playbooks())
@settings(max_examples=200)
def test_each_part_says_what_one_of_the_three_says_and_a_decision_decides(
    base: Plain, ours: Plain, theirs: Plain
) -> None:
    before = deepcopy((base, ours, theirs))
    merged = rebase(base, ours, theirs)
    stood, mine, new = facts(base), facts(ours), facts(theirs)
    for choice in (OURS, THEIRS):
        result = facts(merged.resolved({one.name: choice for one in merged.conflicts}))
        for one in merged.conflicts:
            if one.part[0] != "Item":
                continue
            wanted = one.ours if choice == OURS else one.theirs
            key = one.part[1]
            assert (key in result) == (wanted is not None) if not one.field else result[key].get(one.field) == wanted
        for key, item in result.items():
            for field, value in item.items():
                assert value in [side.get(key, {}).get(field) for side in (mine, new)]
            if stood.get(key) == mine.get(key) and key in new:
                assert item == new[key]
            if stood.get(key) == new.get(key) and key in mine:
                assert item == mine[key]
    assert (base, ours, theirs) == before


@given(playbooks(), playbooks(), playbooks())
def test_numbers_of_ours_stay_and_none_is_given_twice(base: Plain, ours: Plain, theirs: Plain) -> None:
    merged = rebase(base, ours, theirs)
    for choice in (OURS, THEIRS):
        items = merged.resolved({one.name: choice for one in merged.conflicts})["items"]
        numbers = {one["key"]: one["number"] for one in items}
        assert len(set(numbers.values())) == len(items)
        assert all(numbers[one["key"]] == one["number"] for one in ours["items"] if one["key"] in numbers)


@given(playbooks(), playbooks(), playbooks())
def test_bringing_it_onto_the_same_version_again_changes_nothing(base: Plain, ours: Plain, theirs: Plain) -> None:
    merged = rebase(base, ours, theirs)
    result = merged.resolved({one.name: OURS for one in merged.conflicts})
    again = rebase(theirs, result, theirs)
    assert again.conflicts == ()
    assert again.resolved({}) == result


def test_the_starter_and_a_newer_version_of_it(starter: PlaybookDocument) -> None:
    base = written(starter)
    ours = written(
        later(
            starter,
            risk_register={"title": "Our risks", "effort_hours": 3.0},
            load_test=None,
            own_item={"title": "Own"},
        )
    )
    theirs = written(
        later(
            starter,
            risk_register={"title": "Risks, dated"},
            load_test={"effort_hours": 9.0},
            tabletop={"title": "Table"},
        )
    )
    merged = rebase(base, ours, theirs)
    assert {one.name for one in merged.conflicts} == {"Item|risk-register|title", "Item|load-test|"}
    result = merged.resolved({"Item|risk-register|title": THEIRS, "Item|load-test|": OURS})
    items = {one["key"]: one for one in result["items"]}
    assert (items["risk-register"]["title"], items["risk-register"]["effort_hours"]) == ("Risks, dated", 3.0)
    assert "load-test" not in items
    assert (items["own-item"]["number"], items["tabletop"]["number"]) == (103, 104)
    assert list(shortcomings(result)) == []


@pytest.fixture
def own(scene: Scene, starter: PlaybookDocument) -> PlaybookVersion:
    """A playbook of the host's own, and a newer version of the library's beside it."""
    with scope(scene.world.host.pk):
        base = scene.program.playbook_version
        document = replace(
            later(starter, "1.0", risk_register={"title": "Our risks", "effort_hours": 3.0}),
            key="riverbend-way",
            title="Riverbend way",
        )
        version = PlaybookVersion.publish(document, by=scene.manager, source="organization", parent=base)
        PlaybookVersion.adopt(
            later(starter, risk_register={"title": "Risks, dated"}, tabletop={"title": "Tabletop"}),
            by=scene.manager,
            source="library",
        )
    return version


@pytest.mark.django_db
def test_the_page_asks_for_each_decision_and_makes_a_draft(
    scene: Scene, own: PlaybookVersion, client_of: SignIn
) -> None:
    author = client_of(scene.world.manager)
    page = f"/o/host/playbooks/{own.pk}/"
    assert "is newer than what this rests on" in author.get(page).content.decode()
    shown = author.get(f"{page}up-to-date/").content.decode()
    assert "Our risks: title" in shown
    assert "Risks, dated" in shown
    assert "Tabletop" in shown
    with scope(scene.world.host.pk):
        onto = newer(own)[0]

    refused = author.post(f"{page}up-to-date/", {"onto": str(onto.pk)})
    assert refused.status_code == 422
    assert "No draft was started" in refused.content.decode()
    with scope(scene.world.host.pk):
        assert not PlaybookDraft.objects.exists()

    decided = {"onto": str(onto.pk), "d:Item|risk-register|title": "theirs"}
    assert author.post(f"{page}up-to-date/", decided).status_code == 302
    with scope(scene.world.host.pk):
        draft = PlaybookDraft.objects.get()
        assert (draft.base_id, draft.onto_id, draft.version, draft.key) == (own.pk, onto.pk, "1.1", "riverbend-way")
        assert draft.problems() == ()
        version = draft.publish(by=scene.by(scene.world.owner))
        assert (version.parent_id, version.onto_id) == (own.pk, onto.pk)
        assert upstream(version) == onto
        assert newer(version) == []
        above, mine = levels(version)
        assert above.version == onto
        assert [(one.key, [field.field for field in one.fields]) for one in mine.changes if one.kind == "Item"] == [
            ("risk-register", ["effort_hours"])
        ]
    assert "Nothing newer to bring in" in author.get(f"/o/host/playbooks/{version.pk}/up-to-date/").content.decode()


@pytest.mark.django_db
def test_who_changed_the_librarys_own_line_takes_its_next_version_beside_it(
    scene: Scene, starter: PlaybookDocument
) -> None:
    with scope(scene.world.host.pk):
        base = scene.program.playbook_version
        mine = later(starter, risk_register={"title": "Our risks"})
        version = PlaybookVersion.publish(mine, by=scene.manager, source="organization", parent=base)
        shipped = later(starter, tabletop={"title": "Tabletop"})
        taken = PlaybookVersion.adopt(shipped, by=scene.manager, source="library")
        assert taken.version == "1.1-library"
        assert PlaybookVersion.adopt(shipped, by=scene.manager, source="library") == taken
        assert (upstream(version), newer(version)) == (base, [taken])
        merged = rebase(base.plain(), version.plain(), taken.plain())
        assert merged.conflicts == ()
        assert [(one.kind, one.key, one.change) for one in differences(version.plain(), merged.resolved({}))] == [
            ("Item", "tabletop", "added")
        ]


@pytest.mark.django_db
def test_only_authors_bring_a_playbook_up_to_date_and_only_onto_what_is_above_it(
    scene: Scene, own: PlaybookVersion, client_of: SignIn
) -> None:
    place = f"/o/host/playbooks/{own.pk}/up-to-date/"
    author, reader = client_of(scene.world.manager), client_of(scene.world.contributor)
    assert reader.get(place).status_code == 403
    assert reader.post(place, {}).status_code == 403
    for strange in (own.pk, scene.program.playbook_version_id, "nonsense", "\0x"):
        assert author.post(place, {"onto": str(strange)}).status_code == 404
    assert author.get(f"/o/host/playbooks/{scene.program.playbook_version_id}/up-to-date/").status_code == 404
    with scope(scene.world.host.pk):
        assert not PlaybookDraft.objects.exists()
