"""A contract between the host and its vendor over one deployment, and the people whom money takes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from access.permissions import Role
from accounts.models import Membership, User
from audit import vocabulary
from audit.actor import Actor
from audit.models import Event
from audit.models.event import record
from billing.contracts.models import Contract, Milestone
from billing.statements.actions.settle import follow
from billing.statements.models import Line, Statement
from tenancy.models import Organization
from tenancy.scope import scope
from testing.cast import person
from testing.scenes import Scene

FEE = Decimal("10000.01")


@dataclass(frozen=True, slots=True)
class Deal:
    """The owner drafts and reviews, the administrator activates, the approver finalizes."""

    scene: Scene
    administrator: User

    @property
    def payer(self) -> Organization:
        """Who pays."""
        return self.scene.world.host

    def by(self, user: User) -> Actor:
        """Return one of the payer's people as an actor; to be called in the payer's scope."""
        return Membership.objects.active().get(user=user).actor

    @property
    def owner(self) -> Actor:
        return self.by(self.scene.world.owner)

    @property
    def second(self) -> Actor:
        return self.by(self.administrator)

    @property
    def approver(self) -> Actor:
        return self.by(self.scene.world.approver)

    @property
    def outsider(self) -> Actor:
        """The vendor's owner, as the middleware makes an actor of a partner in the host's scope."""
        world = self.scene.world
        return world.vendor_manager.acting(world.vendor.pk, frozenset({"owner"}))

    def draft(self, **values: Any) -> Contract:
        """Draft a contract; to be called in the payer's scope."""
        standard: dict[str, Any] = {
            "reference": "SW-2026-01",
            "title": "Stillwater CBT",
            "vendor": self.scene.world.vendor,
            "currency": "USD",
            "fee": FEE,
            "starts_on": date(2020, 1, 1),
            "covers": [self.scene.deployment.pk],
        }
        return Contract.draft(**{**standard, "by": values.pop("by", None) or self.owner, **values})

    def active(self, **values: Any) -> Contract:
        """Draft and activate a contract, and let the signing be followed; to be called in the payer's scope."""
        contract = self.draft(**values)
        contract.activate(by=self.second)
        follow(Event.objects.about(contract.pk).get(action="contract.activated").pk)
        return Contract.objects.get(pk=contract.pk)

    def pass_gate(self, gate: str) -> Event:
        """Let a gate be passed in the deployment, as the log tells it."""
        return self.happen("gate.passed", gate=gate, title="a gate")

    def go_live(self) -> Event:
        """Let the deployment go live, as the log tells it."""
        return self.happen("deployment.went_live")

    def roll_back(self) -> Event:
        """Let the deployment be rolled back, as the log tells it."""
        return self.happen("deployment.rolled_back", reason="An alert was late.")

    def happen(self, action: str, **data: Any) -> Event:
        """Write an event about the deployment."""
        return record(vocabulary.find(action), by=Actor.system("test"), subject=self.scene.deployment, **data)

    def lines(self) -> list[tuple[str, Decimal]]:
        """Return every line's title and amount, in order; to be called in the payer's scope."""
        return [(one.title, one.amount) for one in Line.objects.order_by("statement__period", "number")]

    def statement(self) -> Statement:
        """Return the only statement; to be called in the payer's scope."""
        return Statement.objects.get()

    def milestone(self, contract: Contract, trigger: str) -> Milestone:
        """Return a milestone of a contract; to be called in the payer's scope."""
        found: Milestone = Milestone.objects.get(contract=contract, trigger=trigger)
        return found


def arrange(scene: Scene) -> Deal:
    """Return the parties, and no contract yet."""
    administrator = person("administrator@host.example", "Administrator Host")
    with scope(scene.world.host.pk):
        Membership.add(administrator, roles=[Role.ADMINISTRATOR], by=Actor.system("test set-up"))
    return Deal(scene, administrator)
