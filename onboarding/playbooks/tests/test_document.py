"""Loading a playbook folder: what comes out, and how what is wrong is told."""

from pathlib import Path

import pytest

from onboarding.playbooks.document import PlaybookError, load
from onboarding.playbooks.tests.small_playbook import DECIDE, ITEMS, PLAN, TELL, WRITE, Folder, first, second


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_sound_folder_loads_with_its_defaults_filled_in(folder: Folder) -> None:
    document = load(folder.path)

    assert [item.key for item in document.items] == ["write-plan", "tell-people", "decide"]
    plan, tell, decide = document.items
    assert (plan.stage, plan.anchor, plan.completed_by_gate, plan.epis, plan.stage_metric) == (
        0,
        "go-live",
        False,
        "preparation",
        None,
    )
    assert plan.evidence[0].required is True
    assert (tell.depends_on[0].item, tell.depends_on[0].lag_days, tell.last_day) == ("write-plan", 5, -10)
    assert tell.condition is not None
    assert [leaf.fact for leaf in tell.condition.leaves()] == ["site.kind", "tool.generative_ai"]
    assert tell.condition.as_data() == PLAN["items"][1]["condition"]
    assert (decide.completed_by_gate, decide.epis, decide.stage_metric) == (True, "preparation", 6)
    assert [domain.items for domain in document.scorecard.domains] == [(), ("write-plan",)]
    assert document.warnings == ()


def test_every_problem_is_told_at_once(folder: Folder) -> None:
    folder.edit(ITEMS, lambda c: (first(c).pop("guidance"), second(c).update(owner="XYZ")))
    folder.edit("items-01-live.yaml", lambda c: first(c).update(depends_on=["nothing"]))

    assert folder.problems() == [
        WRITE + "guidance: missing",
        TELL + "owner: unknown role 'XYZ'",
        DECIDE + "depends_on: unknown item 'nothing'",
    ]


def test_a_missing_playbook_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"^playbook\.yaml: the file is missing$"):
        load(tmp_path)


def test_a_file_that_is_no_yaml_is_told_with_its_line(folder: Folder) -> None:
    (folder.path / ITEMS).write_text("stage: 0\nitems: [\n", encoding="utf-8")

    assert folder.problems()[0].startswith("items-00-plan.yaml: line 3: ")


def test_a_file_that_is_no_mapping_is_told(folder: Folder) -> None:
    (folder.path / "items-02-more.yaml").write_text("- one\n", encoding="utf-8")

    assert folder.problems() == ["items-02-more.yaml: the file must hold a mapping"]


def test_a_field_written_twice_is_told_with_its_line(folder: Folder) -> None:
    text = (folder.path / ITEMS).read_text(encoding="utf-8")
    (folder.path / ITEMS).write_text(text + "stage: 0\n", encoding="utf-8")

    line = text.count("\n") + 1
    assert folder.problems()[0] == f"items-00-plan.yaml: line {line}: the key 'stage' is written twice"


def test_a_stray_file_is_told(folder: Folder) -> None:
    (folder.path / "notes.yaml").write_text("a: 1\n", encoding="utf-8")

    assert folder.problems() == ["notes.yaml: not a playbook file: playbook.yaml or items-*.yaml"]


def test_an_item_due_before_what_it_waits_for_is_a_warning(folder: Folder) -> None:
    folder.edit("items-01-live.yaml", lambda c: first(c).update(depends_on=[{"item": "write-plan", "lag_days": 21}]))

    assert load(folder.path).warnings == (
        "item 'decide' is due on day -3, but 'write-plan' can hold on day -1 at the earliest",
    )


def test_an_offset_may_count_from_another_items_last_day(folder: Folder) -> None:
    folder.edit(ITEMS, lambda c: second(c).update(offset_from="write-plan", offset_days=2, until_days=4))
    assert load(folder.path).warnings == (
        "item 'tell-people' is due on day -26, but 'write-plan' can hold on day -23 at the earliest",
    )

    folder.edit(ITEMS, lambda c: second(c).update(offset_from="kick_off"))
    assert load(folder.path).warnings == ()


def test_an_offset_from_go_live_leaves_the_fingerprint_as_it_was(folder: Folder) -> None:
    before = load(folder.path).sha256
    folder.edit(ITEMS, lambda c: first(c).update(offset_from="go_live"))
    assert load(folder.path).sha256 == before
    folder.edit(ITEMS, lambda c: first(c).update(offset_from="kick_off"))
    assert load(folder.path).sha256 != before


def test_the_fingerprint_is_of_the_content_and_not_of_the_layout(folder: Folder) -> None:
    before = load(folder.path)
    text = (folder.path / ITEMS).read_text(encoding="utf-8")
    (folder.path / ITEMS).write_text("# a remark\n" + text + "\n\n", encoding="utf-8")
    (folder.path / "items-01-live.yaml").rename(folder.path / "items-99-live.yaml")
    same = load(folder.path)
    folder.edit(ITEMS, lambda c: first(c).update(effort_hours=5))
    changed = load(folder.path)

    assert same.sha256 == before.sha256
    assert len(before.sha256) == 64
    assert changed.sha256 != before.sha256
