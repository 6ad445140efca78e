"""What happened in a covered deployment, read from its host's log, and what it makes due."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from audit.models import Event
from billing.contracts.models import Contract, Coverage, Milestone
from billing.statements.rules import MILESTONE, REVERSAL
from tenancy.models import Share
from tenancy.scope import scope

GATE_PASSED, WENT_LIVE, ROLLED_BACK = "gate.passed", "deployment.went_live", "deployment.rolled_back"
ACTIVATED = "contract.activated"
READ = (GATE_PASSED, WENT_LIVE, ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as far as money needs it: no names, no reasons, nothing else of the host's log."""

    event_id: UUID
    action: str
    gate: str
    at: datetime

    @property
    def trigger(self) -> str:
        """The key by which milestones name it."""
        return f"{self.action}:{self.gate}" if self.gate else self.action

    @property
    def what(self) -> str:
        """What happened, in words."""
        return {
            GATE_PASSED: f"Gate {self.gate} passed",
            WENT_LIVE: "Deployment went live",
            ROLLED_BACK: "Deployment rolled back",
            ACTIVATED: "Contract signed",
        }[self.action]


@dataclass(frozen=True, slots=True)
class Due:
    """A line that ought to stand: a milestone reached, or one taken back, for the round-th time."""

    milestone: Milestone
    kind: str
    happening: Happening
    round: int


def told(coverage: Coverage) -> list[Happening] | None:
    """Return what happened in a deployment, in the order of the host's log; None where it is not shared any more.

    The payer reads another organization's log as the partner it is there: this deployment, while it is shared.
    """
    if coverage.host_id == coverage.organization_id:
        return _read(coverage.deployment_id)
    if not Share.with_me.filter(organization_id=coverage.host_id, deployment_id=coverage.deployment_id).exists():
        return None
    with scope(coverage.host_id, deployments=[coverage.deployment_id]):
        return _read(coverage.deployment_id)


def signing(contract: Contract) -> Happening:
    """Return the event by which the contract came into force."""
    event = Event.objects.about(contract.pk).get(action=ACTIVATED)
    return Happening(event.pk, ACTIVATED, "", event.at)


def due(contract: Contract, milestones: Iterable[Milestone], happenings: Iterable[Happening]) -> Iterator[Due]:
    """Fold what happened into the lines that ought to stand.

    A milestone is due once. A rollback takes back what the go-live before it made due, and the next go-live makes it
    due again. A gate that reopens takes nothing back: the work was accepted when it was passed.
    """
    zone = ZoneInfo(contract.organization.time_zone)
    counted = [
        one for one in happenings if one.action == ACTIVATED or contract.in_force_on(one.at.astimezone(zone).date())
    ]
    for milestone in milestones:
        standing, turn = False, 0
        for one in counted:
            if one.trigger == milestone.trigger and not standing:
                yield Due(milestone, MILESTONE, one, turn)
                standing = True
            elif one.action == ROLLED_BACK and milestone.trigger == Milestone.Trigger.LIVE and standing:
                yield Due(milestone, REVERSAL, one, turn)
                standing, turn = False, turn + 1


def month_of(contract: Contract, at: datetime) -> date:
    """Return the first day of the month in which something is due: the later of the fact and the activation."""
    moment = max(at, contract.activated_at or at).astimezone(ZoneInfo(contract.organization.time_zone))
    return moment.date().replace(day=1)


def _read(deployment_id: UUID) -> list[Happening]:
    events = Event.objects.filter(deployment_id=deployment_id, action__in=READ).order_by("xact", "id")
    return [Happening(one.pk, one.action, str(one.data.get("gate", "")), one.at) for one in events]
