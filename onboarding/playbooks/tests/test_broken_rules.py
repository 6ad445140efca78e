"""Every rule of the format, broken once: the document is refused with exactly these words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onboarding.playbooks.tests.small_playbook import DECIDE, ITEMS, MAIN, TELL, WRITE, Content, Folder, first, second

BROKEN: dict[str, tuple[str, Callable[[Content], object], list[str]]] = {
    "unknown schema": (
        MAIN,
        lambda c: c.update(schema=2),
        ["playbook.yaml: schema: 2 is unknown, this program reads 1"],
    ),
    "unknown key at the top": (MAIN, lambda c: c.update(colour="red"), ["playbook.yaml: colour: unknown key"]),
    "missing title": (MAIN, lambda c: c.pop("title"), ["playbook.yaml: title: missing"]),
    "version not text": (MAIN, lambda c: c.update(version=1.0), ["playbook.yaml: version: must be text, not 1.0"]),
    "bad slug": (
        MAIN,
        lambda c: c.update(key="Small One"),
        ["playbook.yaml: key: 'Small One' must be lower case letters, digits and hyphens"],
    ),
    "unknown side": (
        MAIN,
        lambda c: c["roles"][0].update(side="payer"),
        ["playbook.yaml: role 'IM': side: 'payer' is not one of host, vendor, hub"],
    ),
    "repeated role": (
        MAIN,
        lambda c: c["roles"].append({**c["roles"][0], "key": "other"}),
        ["playbook.yaml: roles: code: 'IM' is used twice"],
    ),
    "stage metric out of range": (
        MAIN,
        lambda c: c["stages"][1].update(stage_metric=9),
        ["playbook.yaml: stage 'live': stage_metric: 9 is above 8"],
    ),
    "stage names an unknown gate": (
        MAIN,
        lambda c: c["stages"][0].update(gate="G7"),
        ["playbook.yaml: stage 'plan': gate: unknown gate 'G7'"],
    ),
    "stage names another stage's gate": (
        MAIN,
        lambda c: c["stages"][0].update(gate="G1"),
        ["playbook.yaml: stage 'plan': gate: G1 belongs to stage 1"],
    ),
    "signed gate without a panel": (
        MAIN,
        lambda c: c["gates"][1].pop("panel"),
        ["playbook.yaml: gate 'G1': panel: missing"],
    ),
    "automatic gate with a panel": (
        MAIN,
        lambda c: c["gates"][0].update(panel=["IM"]),
        ["playbook.yaml: gate 'G0': panel: unknown key"],
    ),
    "quorum above the panel": (
        MAIN,
        lambda c: c["gates"][1].update(quorum=3),
        ["playbook.yaml: gate 'G1': quorum: 3 of a panel of 2"],
    ),
    "unknown role on a panel": (
        MAIN,
        lambda c: c["gates"][1].update(panel=["EXS", "XYZ"]),
        ["playbook.yaml: gate 'G1': panel: unknown role 'XYZ'"],
    ),
    "criterion without plain words": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].pop("says"),
        ["playbook.yaml: gate 'G1': criteria.all[1].says: missing"],
    ),
    "criterion over an unknown fact": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].update(fact="weather.sunny"),
        ["playbook.yaml: gate 'G1': criteria.all[1].fact: unknown fact 'weather.sunny'"],
    ),
    "criterion with an unknown operator": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].update(op="is"),
        ["playbook.yaml: gate 'G1': criteria.all[1].op: 'is' is not one of eq, ne, ge, le, gt, lt, in"],
    ),
    "criterion of the wrong type": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].update(value="high"),
        ["playbook.yaml: gate 'G1': criteria.all[1].value: 'high' is not a number"],
    ),
    "criterion that counts items of no stage": (
        MAIN,
        lambda c: c["gates"][0]["criteria"].pop("stages"),
        [
            "playbook.yaml: gate 'G0': criteria.stages: missing",
            WRITE + "gate: the criteria of G0 do not read items.blocking_open of stage 0",
        ],
    ),
    "criterion that counts items of an unknown stage": (
        MAIN,
        lambda c: c["gates"][0]["criteria"].update(stages=[0, 5]),
        ["playbook.yaml: gate 'G0': criteria: unknown stage 5"],
    ),
    "criterion with stages where none belong": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].update(stages=[0]),
        ["playbook.yaml: gate 'G1': criteria.all[1].stages: 'training.coverage' does not count items of stages"],
    ),
    "criterion with roles where none belong": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"][1].update(roles=["IM"]),
        ["playbook.yaml: gate 'G1': criteria.all[1].roles: 'training.coverage' does not count roles"],
    ),
    "criterion over an unknown role": (
        MAIN,
        lambda c: c["gates"][1]["criteria"]["all"].append(
            {"fact": "team.vacant_roles", "roles": ["XYZ"], "op": "eq", "value": 0, "says": "All there."}
        ),
        ["playbook.yaml: gate 'G1': criteria: unknown role 'XYZ'"],
    ),
    "weights that do not sum to 100": (
        MAIN,
        lambda c: c["scorecard"]["domains"][0].update(weight=50),
        ["playbook.yaml: scorecard: domains: the weights sum to 90, not 100"],
    ),
    "thresholds upside down": (
        MAIN,
        lambda c: c["scorecard"].update(conditional_go=95),
        ["playbook.yaml: scorecard: conditional_go: 95 is above go, 90"],
    ),
    "no point of no return": (
        MAIN,
        lambda c: c["runbook"]["steps"][0].update(point_of_no_return=False),
        ["playbook.yaml: runbook: steps: exactly one step is the point of no return, not 0"],
    ),
    "runbook step of an unknown role": (
        MAIN,
        lambda c: c["runbook"]["steps"][0].update(owner="XYZ"),
        ["playbook.yaml: runbook: step 'switch': owner: unknown role 'XYZ'"],
    ),
    "trigger over a gate's fact": (
        MAIN,
        lambda c: c["runbook"]["triggers"][0]["when"].update(fact="training.coverage"),
        ["playbook.yaml: runbook: trigger 'failing': when.fact: unknown fact 'training.coverage'"],
    ),
    "items of an unknown stage": (
        ITEMS,
        lambda c: c.update(stage=4, items=[second(c)]),
        [
            "items-00-plan.yaml: stage: unknown stage 4",
            TELL + "depends_on: unknown item 'write-plan'",
            DECIDE + "depends_on: unknown item 'write-plan'",
        ],
    ),
    "unknown key of an item": (ITEMS, lambda c: first(c).update(colour="red"), [WRITE + "colour: unknown key"]),
    "missing guidance": (ITEMS, lambda c: first(c).pop("guidance"), [WRITE + "guidance: missing"]),
    "blank guidance": (ITEMS, lambda c: first(c).update(guidance="  \n"), [WRITE + "guidance: missing"]),
    "long title": (ITEMS, lambda c: first(c).update(title="x" * 71), [WRITE + "title: 71 characters, at most 70"]),
    "unknown owner": (ITEMS, lambda c: first(c).update(owner="XYZ"), [WRITE + "owner: unknown role 'XYZ'"]),
    "unknown further role": (ITEMS, lambda c: first(c).update(also=["XYZ"]), [WRITE + "also: unknown role 'XYZ'"]),
    "owner named again": (ITEMS, lambda c: first(c).update(also=["IM"]), [WRITE + "also: 'IM' is the owner already"]),
    "unknown gate": (ITEMS, lambda c: first(c).update(gate="G7"), [WRITE + "gate: unknown gate 'G7'"]),
    "gate that does not read the item": (
        ITEMS,
        lambda c: first(c).update(gate_class="conditional", gate="G1"),
        [WRITE + "gate: the criteria of G1 do not read items.conditional_open of stage 0"],
    ),
    "unknown gate class": (
        ITEMS,
        lambda c: second(c).update(gate_class="maybe"),
        [TELL + "gate_class: 'maybe' is not one of blocks, conditional, informs"],
    ),
    "completed by an automatic gate": (
        ITEMS,
        lambda c: first(c).update(completed_by="gate"),
        [WRITE + "completed_by: G0 closes by itself; only a signed gate completes an item"],
    ),
    "gate that waits for an informing item": (
        "items-01-live.yaml",
        lambda c: first(c).update(depends_on=["tell-people"]),
        [DECIDE + "depends_on: 'tell-people' only informs, it cannot hold a gate back"],
    ),
    "repeated key": (
        "items-01-live.yaml",
        lambda c: first(c).update(key="write-plan", depends_on=[]),
        ["items-01-live.yaml: item 'write-plan': key: used before, in items-00-plan.yaml"],
    ),
    "repeated number": (
        "items-01-live.yaml",
        lambda c: first(c).update(number=1),
        [DECIDE + "number: 1 is the number of 'write-plan'"],
    ),
    "unknown dependency": (
        ITEMS,
        lambda c: first(c).update(depends_on=["nothing"]),
        [WRITE + "depends_on: unknown item 'nothing'"],
    ),
    "dependency named twice": (
        "items-01-live.yaml",
        lambda c: first(c).update(depends_on=["write-plan", "write-plan"]),
        [DECIDE + "depends_on: 'write-plan' is named twice"],
    ),
    "dependency written as a number": (
        ITEMS,
        lambda c: first(c).update(depends_on=[2]),
        [WRITE + "depends_on: must hold item keys or {item, lag_days}, not 2"],
    ),
    "lag of no days": (
        ITEMS,
        lambda c: second(c)["depends_on"][0].update(lag_days=0),
        [TELL + "depends_on: lag_days: 0 is below 1"],
    ),
    "circular dependency": (
        ITEMS,
        lambda c: first(c).update(depends_on=["tell-people"]),
        [WRITE + "depends_on: goes round in a circle: write-plan → tell-people → write-plan"],
    ),
    "offset from nothing known": (
        ITEMS,
        lambda c: first(c).update(offset_from="kickoff"),
        [WRITE + "offset_from: 'kickoff' is not go_live, kick_off or the key of an item"],
    ),
    "offset of a decommissioning item": (
        ITEMS,
        lambda c: first(c).update(anchor="decommission", offset_from="kick_off"),
        [WRITE + "offset_from: an item on decommission counts from there; leave it out"],
    ),
    "offsets in a circle": (
        ITEMS,
        lambda c: (first(c).update(offset_from="tell-people"), second(c).update(offset_from="write-plan")),
        [WRITE + "offset_from: goes round in a circle: write-plan → tell-people → write-plan"],
    ),
    "window that ends before it opens": (
        ITEMS,
        lambda c: second(c).update(until_days=-20),
        [TELL + "until_days: -20 is not after offset_days, -20"],
    ),
    "offset as text": (
        ITEMS,
        lambda c: first(c).update(offset_days="+1…+14"),
        [WRITE + "offset_days: must be a whole number, not '+1…+14'"],
    ),
    "unknown anchor": (
        ITEMS,
        lambda c: first(c).update(anchor="kick-off"),
        [WRITE + "anchor: 'kick-off' is not one of go-live, decommission"],
    ),
    "no effort": (ITEMS, lambda c: first(c).update(effort_hours=0), [WRITE + "effort_hours: 0 is not above 0"]),
    "unknown kind of evidence": (
        ITEMS,
        lambda c: first(c)["evidence"][0].update(kind="photo"),
        [WRITE + "evidence 'plan': kind: 'photo' is not one of document, test-run, decision, form, log, link, none"],
    ),
    "evidence key repeated": (
        ITEMS,
        lambda c: first(c)["evidence"].append(dict(first(c)["evidence"][0])),
        [WRITE + "evidence: the key 'plan' is used twice"],
    ),
    "unknown scorecard domain": (
        ITEMS,
        lambda c: first(c).update(domain="weather"),
        [WRITE + "domain: unknown scorecard domain 'weather'"],
    ),
    "informing item in the scorecard": (
        ITEMS,
        lambda c: second(c).update(domain="people"),
        [TELL + "domain: an item that only informs has no place in the scorecard"],
    ),
    "core item outside the light tier": (
        ITEMS,
        lambda c: first(c).pop("tier"),
        [WRITE + "core: a core item is part of every tier; add tier: {light: true}"],
    ),
    "unknown tier": (
        ITEMS,
        lambda c: second(c).update(tier={"heavy": True}),
        [TELL + "tier: heavy: unknown key"],
    ),
    "flag written as text": (
        ITEMS,
        lambda c: first(c).update(core="yes"),
        [WRITE + "core: must be true or false, not 'yes'"],
    ),
    "condition over a criterion's fact": (
        ITEMS,
        lambda c: second(c).update(condition={"fact": "training.coverage", "op": "ge", "value": 1}),
        [TELL + "condition.fact: unknown fact 'training.coverage'"],
    ),
    "condition with two heads": (
        ITEMS,
        lambda c: second(c)["condition"].update(any=[]),
        [TELL + "condition: must have exactly one of all, any, not, fact"],
    ),
    "condition that is a word": (
        ITEMS,
        lambda c: second(c).update(condition="school"),
        [TELL + "condition: must be a mapping with all, any, not or fact, not 'school'"],
    ),
    "empty group": (
        ITEMS,
        lambda c: second(c).update(condition={"any": []}),
        [TELL + "condition.any: must be a list of at least one expression"],
    ),
    "unknown key in a group": (
        ITEMS,
        lambda c: second(c)["condition"].update(unless=1),
        [TELL + "condition.unless: unknown key"],
    ),
    "unknown key in a leaf": (
        ITEMS,
        lambda c: second(c)["condition"]["all"][1]["not"].update(colour="red"),
        [TELL + "condition.all[1].not.colour: unknown key"],
    ),
    "in without a list": (
        ITEMS,
        lambda c: second(c)["condition"]["all"][0].update(value="school"),
        [TELL + "condition.all[0].value: 'in' needs a list of at least one value"],
    ),
    "eq with a list": (
        ITEMS,
        lambda c: second(c)["condition"]["all"][0].update(op="eq"),
        [TELL + "condition.all[0].value: 'eq' compares with one value, not a list"],
    ),
    "order of texts": (
        ITEMS,
        lambda c: second(c).update(condition={"fact": "site.kind", "op": "gt", "value": "a"}),
        [TELL + "condition.value: 'gt' compares numbers, this fact is text"],
    ),
    "text where the fact is true or false": (
        ITEMS,
        lambda c: second(c)["condition"]["all"][1]["not"].update(value="true"),
        [TELL + "condition.all[1].not.value: 'true' is not true or false"],
    ),
}


@pytest.mark.parametrize(("name", "change", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_refused_naming_file_item_and_field(
    tmp_path: Path, name: str, change: Callable[[Content], object], says: list[str]
) -> None:
    folder = Folder(tmp_path)
    folder.edit(name, change)

    assert folder.problems() == says
