"""From what happened to lines that say what is due."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.actor import Actor
from audit.models import Event
from audit.models.event import record
from billing.contracts.models import Contract, Coverage, FactRoute, Milestone
from billing.statements import audit, rules
from billing.statements.actions.hand_over import hand_over
from billing.statements.happenings import ACTIVATED, Due, due, month_of, signing, told
from billing.statements.models import Line, Statement
from tenancy.scope import scope
from web.formats import money

STATEMENTS = Actor.system("statements")


def follow(event_id: UUID) -> None:
    """Settle every contract that an event of the organization in scope concerns. As often as one likes."""
    event = Event.objects.get(pk=event_id)
    if event.subject_type == Contract._meta.label_lower:
        settle(event.subject_id)
        return
    if event.deployment_id is None:
        return
    routes = FactRoute.objects.filter(deployment_id=event.deployment_id).order_by("payer_id", "contract_id")
    for payer_id, contract_id in list(routes.values_list("payer_id", "contract_id")):
        with scope(payer_id):
            settle(contract_id, event.deployment_id)


@transaction.atomic
def settle(contract_id: UUID, deployment_id: UUID | None = None, *, until: datetime | None = None) -> list[Line]:
    """Open the lines that are due under a contract and do not stand yet; return them.

    Computed from the whole log of each deployment, not from one event: delivered twice, late or in any order, the lines
    are the same. Runs in the payer's scope, under the contract's lock. `until` leaves out what happened later: a history
    that is told afterwards is settled day by day.
    """
    contract = Contract.locked(contract_id)
    if contract.state == Contract.State.DRAFT:
        return []
    milestones = list(Milestone.objects.filter(contract=contract).order_by("rank"))
    coverages = Coverage.objects.filter(contract=contract).order_by("label", "id")
    if deployment_id is not None:
        coverages = coverages.filter(deployment_id=deployment_id)
    signed, opened = signing(contract), []
    for coverage in coverages:
        standing = set(
            Line.objects.of_contract(contract.pk)
            .filter(deployment_id=coverage.deployment_id, event_id__isnull=False)
            .values_list("milestone_id", "event_id")
        )
        happened = [one for one in (signed, *(told(coverage) or [])) if until is None or one.at <= until]
        wanted = due(contract, milestones, happened)
        fresh = [one for one in wanted if (one.milestone.pk, one.happening.event_id) not in standing]
        opened += [
            _open(contract, milestones, coverage, one) for one in sorted(fresh, key=lambda one: one.happening.at)
        ]
    hand_over(contract)
    return opened


def _open(contract: Contract, milestones: list[Milestone], coverage: Coverage, one: Due) -> Line:
    statement = Statement.open_for(contract, month_of(contract, one.happening.at))
    snapshot = _snapshot(contract, milestones, coverage, one)
    earned = None
    if one.kind == rules.REVERSAL:
        earned = Line.objects.get(
            milestone=one.milestone, deployment_id=coverage.deployment_id, round=one.round, kind=rules.MILESTONE
        )
        earned.statement.contract = contract
        snapshot["of"] = of(earned)
    line = Line.open(
        statement,
        snapshot,
        milestone=one.milestone,
        deployment_id=coverage.deployment_id,
        event_id=one.happening.event_id,
        round=one.round,
        of=earned,
    )
    record(
        audit.LINE_OPENED,
        by=STATEMENTS,
        subject=statement,
        number=line.number,
        reference=statement.reference,
        what=one.happening.what,
        amount=money(line.amount),
        currency=contract.currency,
        event=str(one.happening.event_id),
    )
    return line


def of(line: Line) -> dict[str, Any]:
    """Return what a correction freezes of the line it is about."""
    return {
        "line": str(line.pk),
        "number": line.number,
        "statement": line.statement.reference,
        "corrections": sorted(str(pk) for pk in line.corrections.values_list("pk", flat=True)),
        "stood": f"{line.standing}",
    }


def _snapshot(contract: Contract, milestones: list[Milestone], coverage: Coverage, one: Due) -> dict[str, Any]:
    happening, milestone = one.happening, one.milestone
    host = contract.organization_id if happening.action == ACTIVATED else coverage.host_id
    return {
        "kind": one.kind,
        "title": milestone.title if one.kind == rules.MILESTONE else "Go-live payment taken back",
        "label": coverage.label,
        "contract": {"id": str(contract.pk), "reference": contract.reference},
        "rule": {
            "milestone": str(milestone.pk),
            "title": milestone.title,
            "place": milestones.index(milestone),
            "percent": f"{milestone.percent}",
            "percents": [f"{each.percent}" for each in milestones],
            "fee": f"{contract.fee}",
            "currency": contract.currency,
        },
        "fact": {
            "event": str(happening.event_id),
            "organization": str(host),
            "deployment": str(coverage.deployment_id),
            "action": happening.action,
            "gate": happening.gate,
            "what": happening.what,
            "at": happening.at.isoformat(),
        },
    }
