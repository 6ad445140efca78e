"""What differs between two versions, part by part."""

from dataclasses import replace

from onboarding.playbooks.diff import differences
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.plain import written


def test_the_same_playbook_differs_in_nothing(starter: PlaybookDocument) -> None:
    assert differences(written(starter), written(replace(starter, version="1.1"))) == []


def test_every_kind_of_difference_is_told(starter: PlaybookDocument) -> None:
    first, second, *rest = starter.items
    changed = replace(second, title="The problem, with a number", effort_hours=6.0)
    after = replace(
        starter,
        roles=starter.roles[:-1],
        gates=(replace(starter.gates[1], quorum=5), *starter.gates[:1], *starter.gates[2:]),
        scorecard=replace(starter.scorecard, go=95),
        items=(changed, *rest, replace(first, key="asked-again", number=103)),
    )
    found = differences(written(starter), written(after))

    assert [
        (one.kind, one.key, one.change, [field.field for field in one.fields]) for one in found if one.change != "added"
    ] == [
        ("Role", "COM", "removed", []),
        ("Gate", "G1", "changed", ["quorum"]),
        ("Scorecard", "scorecard", "changed", ["go"]),
        ("Item", first.key, "removed", []),
        ("Item", second.key, "changed", ["title", "effort_hours"]),
    ]
    assert [(one.key, one.number) for one in found if one.change == "added"] == [("asked-again", 103)]
    title = found[4].fields[0]
    assert (title.before, title.after) == (second.title, "The problem, with a number")
