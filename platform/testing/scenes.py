"""Scenes: the cast with a program, a planned deployment and a partner in place."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine

from access.permissions import Part
from accounts.models import User
from audit.actor import Actor
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item, Program
from onboarding.playbooks.document import STARTER, PlaybookDocument, load
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Organization, Site
from tenancy.scope import scope
from testing.cast import World

__all__ = ["Scene", "scene", "starter"]

GO_LIVE = date(2027, 3, 2)
PLANNED_AT = datetime(2026, 4, 1, 15, tzinfo=UTC)
"""Early enough for every item to have its full offset."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The world with one deployment at the host, planned on 1 April 2026 for Tuesday 2 March 2027."""

    world: World
    program: Program
    site: Site
    deployment: Deployment

    def by(self, user: User) -> Actor:
        """Return a host's person as an actor; to be called in the host's scope."""
        from accounts.models import Membership

        return Membership.objects.active().get(user=user).actor

    @property
    def manager(self) -> Actor:
        """The host's implementation manager as an actor; to be called in the host's scope."""
        return self.by(self.world.manager)

    def item(self, key: str) -> Item:
        """Return an item of the deployment as it stands; to be called in the host's scope."""
        return Item.objects.get(deployment=self.deployment, key=key)

    def settle(self, *keys: str) -> None:
        """Make these items accepted without their story, for tests about what comes after them."""
        from django.utils import timezone

        Item.objects.filter(deployment=self.deployment, key__in=keys).update(
            state=Item.State.ACCEPTED, done_at=timezone.now()
        )

    def share(self) -> None:
        """Share the deployment with the vendor, the hub and the funder."""
        with scope(self.world.host.pk):
            for partner, part in (
                (self.world.vendor, Part.VENDOR),
                (self.world.hub, Part.HUB),
                (self.world.funder, Part.FUNDER),
            ):
                self.deployment.share_with(partner, part=part, by=self.manager)


@pytest.fixture(scope="session")
def starter() -> PlaybookDocument:
    """The starter playbook's document, read once."""
    return load(STARTER)


@pytest.fixture
def scene(world: World, starter: PlaybookDocument) -> Scene:
    """One deployment of Stillwater CBT at Main Street."""
    with scope(world.host.pk):
        from accounts.models import Membership

        by = Membership.objects.active().get(user=world.manager).actor
        site = Site.objects.create(
            name="Main Street", kind=Site.Kind.FQHC, region="NY", country="US", time_zone="America/New_York"
        )
        deployment = planned(starter, site, world.vendor, by)
    return Scene(world, deployment.program, site, deployment)


def planned(starter: PlaybookDocument, site: Site, vendor: Organization, by: Actor) -> Deployment:
    """Plan Stillwater CBT at a site of the organization in scope, from nothing."""
    playbook = PlaybookVersion.adopt(starter, by=by, source="library")
    tool = Tool.register(title="Stillwater CBT", vendor=vendor, by=by)
    release = ToolVersion.register(tool, version="4.2", by=by)
    program = Program.start(title="Stillwater CBT", tool_version=release, playbook_version=playbook, by=by)
    with time_machine.travel(PLANNED_AT):
        return plan_deployment(program, site, go_live_on=GO_LIVE, by=by, wave=1)
