"""Read the parts of a playbook from their tables. Each part is checked alone; `consistency` checks them together."""

from typing import Any

from notices.rules import mistakes
from onboarding.playbooks.expressions import (
    CONDITION_FACTS,
    TRIGGER_FACTS,
    TRIGGER_OPERATORS,
    Expression,
    Group,
    criterion_facts,
    read_expression,
)
from onboarding.playbooks.reading import Table
from onboarding.playbooks.shape import (
    ANCHORS,
    DECIDE_WITHIN,
    EPIS_PHASES,
    EVIDENCE_KINDS,
    GATE_CLASSES,
    GATE_KINDS,
    GO_LIVE,
    SIDES,
    Dependency,
    Evidence,
    Gate,
    Item,
    Role,
    Runbook,
    RunbookStep,
    Scorecard,
    ScorecardDomain,
    Stage,
    Trigger,
)

# Stands for an expression that could not be read; the document is refused anyway.
_UNREADABLE: Expression = Group("all", ())


def read_role(table: Table) -> Role:
    """Read an owner role."""
    role = Role(
        code=table.text("code", longest=3),
        key=table.slug("key"),
        title=table.text("title", longest=60),
        side=table.choice("side", SIDES),
        description=table.text("description"),
    )
    table.done()
    return role


def read_stage(table: Table) -> Stage:
    """Read a stage."""
    stage = Stage(
        number=table.integer("number", least=0),
        key=table.slug("key"),
        title=table.text("title", longest=40),
        purpose=table.text("purpose"),
        gate=table.text("gate"),
        epis=table.choice("epis", EPIS_PHASES),
        ama_steps=table.integers("ama_steps"),
        stage_metric=table.optional_integer("stage_metric", least=1, most=8),
    )
    table.done()
    return stage


def read_gate(table: Table) -> Gate:
    """Read a gate; a signed one has a panel, a quorum and a meaning of the signature, an automatic one has none."""
    kind = table.choice("kind", GATE_KINDS)
    gate = Gate(
        key=table.text("key"),
        title=table.text("title", longest=40),
        stage=table.integer("stage", least=0),
        kind=kind,
        criteria=read_expression(table, "criteria", criterion_facts(), says=True) or _UNREADABLE,
        panel=table.texts("panel", required=True) if kind == "signed" else (),
        quorum=table.integer("quorum", least=1) if kind == "signed" else 0,
        meaning=table.text("meaning") if kind == "signed" else "",
    )
    if gate.panel and gate.quorum > len(gate.panel):
        table.wrong("quorum", f"{gate.quorum} of a panel of {len(gate.panel)}")
    table.done()
    return gate


def read_scorecard(table: Table, items: tuple[Item, ...]) -> Scorecard:
    """Read the scorecard; a domain's items are those that name it."""
    scorecard = Scorecard(
        go=table.integer("go", least=1, most=100),
        conditional_go=table.integer("conditional_go", least=1, most=100),
        condition_expiry_days=table.integer("condition_expiry_days", least=1),
        domains=tuple(_read_domain(one, items) for one in table.tables("domains", "domain")),
    )
    if scorecard.conditional_go > scorecard.go:
        table.wrong("conditional_go", f"{scorecard.conditional_go} is above go, {scorecard.go}")
    total = sum(domain.weight for domain in scorecard.domains)
    if total != 100:
        table.wrong("domains", f"the weights sum to {total}, not 100")
    table.done()
    return scorecard


def _read_domain(table: Table, items: tuple[Item, ...]) -> ScorecardDomain:
    key = table.slug("key")
    domain = ScorecardDomain(
        key=key,
        title=table.text("title", longest=60),
        weight=table.integer("weight", least=1, most=100),
        items=tuple(item.key for item in items if item.domain == key),
    )
    table.done()
    return domain


def read_runbook(table: Table) -> Runbook:
    """Read the default cut-over plan."""
    runbook = Runbook(
        decides=table.text("decides"),
        deputy=table.text("deputy"),
        float_minutes=table.integer("float_minutes", least=0),
        steps=tuple(_read_step(one) for one in table.tables("steps", "step")),
        triggers=tuple(_read_trigger(one) for one in table.tables("triggers", "trigger")),
        decide_within_minutes=table.optional_integer("decide_within_minutes", least=1, most=240) or DECIDE_WITHIN,
    )
    marked = sum(step.point_of_no_return for step in runbook.steps)
    if marked != 1:
        table.wrong("steps", f"exactly one step is the point of no return, not {marked}")
    table.done()
    return runbook


def _read_step(table: Table) -> RunbookStep:
    step = RunbookStep(
        number=table.integer("number", least=1),
        key=table.slug("key"),
        title=table.text("title", longest=70),
        owner=table.text("owner"),
        deputy=table.text("deputy"),
        minutes=table.integer("minutes", least=1),
        verification=table.text("verification"),
        back_out=table.text("back_out"),
        point_of_no_return=table.boolean("point_of_no_return"),
    )
    table.done()
    return step


def _read_trigger(table: Table) -> Trigger:
    when = read_expression(table, "when", TRIGGER_FACTS, says=True)
    if isinstance(when, Group) or (when and when.op not in TRIGGER_OPERATORS):
        table.wrong("when", "compares one figure with its limit, by ge or gt")
    trigger = Trigger(
        key=table.slug("key"),
        title=table.text("title", longest=70),
        when=when or _UNREADABLE,
        for_minutes=table.integer("for_minutes", least=0),
    )
    table.done()
    return trigger


def read_reminders(table: Table) -> dict[str, Any]:
    """Read what the playbook says about reminders; nothing where it says nothing."""
    said = table.take("reminders", required=False)
    if said is None:
        return {}
    if not isinstance(said, dict):
        table.wrong("reminders", f"must be a mapping, not {said!r}", shape=True)
        return {}
    for name, words in mistakes(said).items():
        table.wrong(f"reminders.{name}", words, shape=True)
    return said


def read_item(table: Table, number: int, stage: Stage | None) -> Item:
    """Read a checklist item of the stage with this number."""
    completed_by = table.choice("completed_by", ("gate", "owner"), default="owner")
    metric = table.optional_integer("stage_metric", least=1, most=8)
    item = Item(
        number=table.integer("number", least=1),
        key=table.slug("key"),
        stage=number,
        title=table.text("title", longest=70),
        guidance=table.text("guidance"),
        owner=table.text("owner"),
        also=table.texts("also"),
        effort_hours=table.number("effort_hours"),
        evidence=tuple(_read_evidence(one) for one in table.tables("evidence", "evidence")),
        depends_on=_read_dependencies(table),
        anchor=table.choice("anchor", ANCHORS, default="go-live"),
        offset_days=table.integer("offset_days"),
        offset_from=table.text("offset_from", required=False) or GO_LIVE,
        until_days=table.optional_integer("until_days"),
        gate_class=table.choice("gate_class", GATE_CLASSES),
        gate=table.text("gate"),
        completed_by_gate=completed_by == "gate",
        condition=read_expression(table, "condition", CONDITION_FACTS, says=False) if table.has("condition") else None,
        light=_read_tier(table),
        core=table.boolean("core"),
        domain=table.text("domain", required=False),
        tags=table.texts("tags"),
        epis=table.choice("epis", EPIS_PHASES, default=stage.epis if stage else ""),
        stage_metric=metric if metric is not None or stage is None else stage.stage_metric,
    )
    if item.until_days is not None and item.until_days <= item.offset_days:
        table.wrong("until_days", f"{item.until_days} is not after offset_days, {item.offset_days}")
    table.done()
    return item


def _read_evidence(table: Table) -> Evidence:
    evidence = Evidence(
        key=table.slug("key"),
        title=table.text("title", longest=100),
        kind=table.choice("kind", EVIDENCE_KINDS),
        required=table.boolean("required", default=True),
    )
    table.done()
    return evidence


def _read_dependencies(table: Table) -> tuple[Dependency, ...]:
    found = []
    for value in table.sequence("depends_on", required=False):
        if isinstance(value, str):
            found.append(Dependency(value, 0))
        elif isinstance(value, dict):
            one = Table(value, table.file, f"{table.subject}: depends_on", table.problems)
            found.append(Dependency(one.text("item"), one.integer("lag_days", least=1)))
            one.done()
        else:
            table.wrong("depends_on", f"must hold item keys or {{item, lag_days}}, not {value!r}", shape=True)
    return tuple(found)


def _read_tier(table: Table) -> bool:
    if not table.has("tier"):
        return False
    tier = table.table("tier", f"{table.subject}: tier")
    light = tier.boolean("light")
    tier.done()
    return light
