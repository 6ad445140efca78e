"""Whether the lines of a statement hold: against their snapshots, the contract and the log."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from billing.contracts.models import Coverage, Milestone
from billing.statements import rules
from billing.statements.happenings import Happening, signing, told
from billing.statements.models.line import Line
from billing.statements.models.statement import Statement


def findings(statement: Statement) -> list[str]:
    """Return what does not hold, in sentences; nothing where every line does."""
    lines = list(Line.objects.filter(statement=statement).select_related("milestone", "of").order_by("number"))
    coverages = {one.deployment_id: one for one in Coverage.objects.filter(contract=statement.contract)}
    logs: dict[UUID, dict[UUID, Happening] | None] = {}
    signed = signing(statement.contract)
    found = []
    for line in lines:
        coverage = coverages.get(line.deployment_id)
        if coverage is None:
            found.append(f"Line {line.number}: the contract does not cover its deployment.")
            continue
        if line.deployment_id not in logs:
            happened = told(coverage)
            logs[line.deployment_id] = None if happened is None else {one.event_id: one for one in [signed, *happened]}
        found += [f"Line {line.number}: {words}" for words in _line(line, statement, logs[line.deployment_id])]
    return found


def _line(line: Line, statement: Statement, log: dict[UUID, Happening] | None) -> Iterator[str]:
    if line.snapshot.get("kind") != line.kind or rules.digest(line.snapshot) != line.sha256:
        yield "the snapshot is not the one that was frozen."
        return
    if rules.compute(line.snapshot) != line.amount:
        yield "the amount is not what its snapshot gives."
    if line.kind == rules.MILESTONE:
        yield from _milestone(line, statement)
    elif line.of is None or str(line.of_id) != line.snapshot["of"]["line"]:
        yield "it corrects another line than its snapshot says."
    elif f"{_stood(line)}" != line.snapshot["of"]["stood"]:
        yield "the line that it corrects stood at another amount."
    if line.event_id is not None and log is not None:
        yield from _fact(line, log.get(line.event_id))


def _stood(line: Line) -> Decimal:
    """Return what the corrected line stood at, with the corrections that the snapshot names."""
    earlier = Line.objects.about(line.of).filter(pk__in=[line.of_id, *line.snapshot["of"]["corrections"]])
    stood: Decimal = earlier.total()
    return stood


def _milestone(line: Line, statement: Statement) -> Iterator[str]:
    milestone: Milestone = line.milestone
    rule = line.snapshot["rule"]
    if milestone.contract_id != statement.contract_id or rule["milestone"] != str(milestone.pk):
        yield "its milestone is of another contract."
    if milestone.amount != line.amount or rule["fee"] != f"{statement.contract.fee}":
        yield "the amount is not the contract's."


def _fact(line: Line, happening: Happening | None) -> Iterator[str]:
    fact = line.snapshot["fact"]
    if happening is None:
        yield "the log knows no such event."
    elif fact["event"] != str(line.event_id) or fact["at"] != happening.at.isoformat():
        yield "the log says otherwise of its event."
    elif line.kind == rules.MILESTONE and line.milestone.trigger != happening.trigger:
        yield "its event does not make this milestone due."
