"""Check the parts of a playbook against each other: names that must exist, numbers that must be unique, no circle."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from onboarding.playbooks.order import find_cycle
from onboarding.playbooks.reachable import contradiction
from onboarding.playbooks.reading import Problem
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF, Item, PlaybookDocument

MAIN = "playbook.yaml"


def inconsistencies(document: PlaybookDocument, placed: Sequence[tuple[Item, str]]) -> Iterator[Problem]:
    """Give every breach between parts; `placed` tells in which file each item stands."""
    yield from _repeats(document)
    yield from _unknown_names(document)
    yield from _repeated_items(placed)
    for item, file in placed:
        for field, message in _item_problems(item, document):
            yield Problem(file, f"item '{item.key}'", field, message)
    yield from _cycle(placed)


def _twice(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def _repeats(document: PlaybookDocument) -> Iterator[Problem]:
    lists: dict[tuple[str, str], Iterable[object]] = {
        ("roles", "code"): [role.code for role in document.roles],
        ("roles", "key"): [role.key for role in document.roles],
        ("stages", "number"): [stage.number for stage in document.stages],
        ("stages", "key"): [stage.key for stage in document.stages],
        ("gates", "key"): [gate.key for gate in document.gates],
        ("gates", "stage"): [gate.stage for gate in document.gates],
        ("scorecard", "domains"): [domain.key for domain in document.scorecard.domains],
        ("runbook", "steps.number"): [step.number for step in document.runbook.steps],
        ("runbook", "steps.key"): [step.key for step in document.runbook.steps],
        ("runbook", "triggers.key"): [trigger.key for trigger in document.runbook.triggers],
    }
    for (subject, field), values in lists.items():
        for value in _twice(values):
            yield Problem(MAIN, subject, field, f"'{value}' is used twice")


def _unknown_names(document: PlaybookDocument) -> Iterator[Problem]:
    roles = {role.code for role in document.roles}
    stages = {stage.number for stage in document.stages}
    gates = {gate.key: gate for gate in document.gates}
    for stage in document.stages:
        if stage.gate not in gates:
            yield Problem(MAIN, f"stage '{stage.key}'", "gate", f"unknown gate '{stage.gate}'")
        elif gates[stage.gate].stage != stage.number:
            message = f"{stage.gate} belongs to stage {gates[stage.gate].stage}"
            yield Problem(MAIN, f"stage '{stage.key}'", "gate", message)
    for gate in document.gates:
        subject = f"gate '{gate.key}'"
        if gate.stage not in stages:
            yield Problem(MAIN, subject, "stage", f"unknown stage {gate.stage}")
        for code in gate.panel:
            if code not in roles:
                yield Problem(MAIN, subject, "panel", f"unknown role '{code}'")
        for leaf in gate.criteria.leaves():
            for number in leaf.stages:
                if number not in stages:
                    yield Problem(MAIN, subject, "criteria", f"unknown stage {number}")
            for code in leaf.roles:
                if code not in roles:
                    yield Problem(MAIN, subject, "criteria", f"unknown role '{code}'")
    runbook = document.runbook
    for subject, field, code in [
        ("runbook", "decides", runbook.decides),
        ("runbook", "deputy", runbook.deputy),
        *((f"runbook: step '{step.key}'", "owner", step.owner) for step in runbook.steps),
        *((f"runbook: step '{step.key}'", "deputy", step.deputy) for step in runbook.steps),
    ]:
        if code and code not in roles:
            yield Problem(MAIN, subject, field, f"unknown role '{code}'")


def _repeated_items(placed: Sequence[tuple[Item, str]]) -> Iterator[Problem]:
    """A repeat is reported where it stands, with the place of the first."""
    keys: dict[str, str] = {}
    numbers: dict[int, Item] = {}
    for item, file in placed:
        if item.key in keys:
            yield Problem(file, f"item '{item.key}'", "key", f"used before, in {keys[item.key]}")
        if item.number in numbers:
            before = numbers[item.number].key
            yield Problem(file, f"item '{item.key}'", "number", f"{item.number} is the number of '{before}'")
        keys.setdefault(item.key, file)
        numbers.setdefault(item.number, item)


def _item_problems(item: Item, document: PlaybookDocument) -> Iterator[tuple[str, str]]:
    roles = {role.code for role in document.roles}
    gates = {gate.key: gate for gate in document.gates}
    others = {other.key: other for other in document.items}
    if item.owner and item.owner not in roles:
        yield "owner", f"unknown role '{item.owner}'"
    for code in item.also:
        if code not in roles:
            yield "also", f"unknown role '{code}'"
        elif code == item.owner:
            yield "also", f"'{code}' is the owner already"
    for value in _twice(one.key for one in item.evidence):
        yield "evidence", f"the key '{value}' is used twice"
    for value in _twice(one.item for one in item.depends_on):
        yield "depends_on", f"'{value}' is named twice"
    for one in item.depends_on:
        if one.item not in others:
            yield "depends_on", f"unknown item '{one.item}'"
        elif item.completed_by_gate and others[one.item].gate_class == "informs":
            yield "depends_on", f"'{one.item}' only informs, it cannot hold a gate back"
    why = contradiction(item.condition) if item.condition else None
    if why:
        yield "condition", why
    start = others.get(item.offset_from)
    if item.anchor != "go-live" and item.offset_from != GO_LIVE:
        yield "offset_from", f"an item on {item.anchor} counts from there; leave it out"
    elif start is None and item.offset_from not in (GO_LIVE, KICK_OFF):
        yield "offset_from", f"'{item.offset_from}' is not {GO_LIVE}, {KICK_OFF} or the key of an item"
    elif start is not None and start.anchor != item.anchor:
        yield "offset_from", f"'{start.key}' appears with the decommissioning"
    if item.domain and item.domain not in {domain.key for domain in document.scorecard.domains}:
        yield "domain", f"unknown scorecard domain '{item.domain}'"
    elif item.domain and item.gate_class == "informs":
        yield "domain", "an item that only informs has no place in the scorecard"
    if item.core and not item.light:
        yield "core", "a core item is part of every tier; add tier: {light: true}"
    gate = gates.get(item.gate)
    if gate is None:
        if item.gate:
            yield "gate", f"unknown gate '{item.gate}'"
        return
    if item.completed_by_gate:
        if gate.kind != "signed":
            yield "completed_by", f"{gate.key} closes by itself; only a signed gate completes an item"
        return
    fact = {"blocks": "items.blocking_open", "conditional": "items.conditional_open"}.get(item.gate_class)
    if fact and not any(leaf.fact == fact and item.stage in leaf.stages for leaf in gate.criteria.leaves()):
        yield "gate", f"the criteria of {gate.key} do not read {fact} of stage {item.stage}"


def _cycle(placed: Sequence[tuple[Item, str]]) -> Iterator[Problem]:
    for field, ways in (
        ("depends_on", {item.key: [one.item for one in item.depends_on] for item, _ in placed}),
        ("offset_from", {item.key: [item.offset_from] for item, _ in placed}),
    ):
        path = find_cycle(ways)
        if path:
            file = next(file for item, file in placed if item.key == path[0])
            yield Problem(file, f"item '{path[0]}'", field, "goes round in a circle: " + " → ".join(path))
