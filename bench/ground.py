"""What every measurement stands on: a host with a program and one planned deployment, and a funder who sees it."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.utils import timezone

from access.permissions import Part
from accounts.actions.create_organization import create_organization
from accounts.models import Membership, User
from audit.actor import Actor
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Program
from onboarding.deployments.portfolio import project
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Organization, Site
from tenancy.scope import scope

SETUP = Actor.system("bench")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Ground:
    """A host, its funder, and the deployment that all others are copies of."""

    host: Organization
    owner: User
    funder: Organization
    officer: User
    program: Program
    deployment: Deployment

    def by(self) -> Actor:
        """The host's owner as an actor; to be called in the host's scope."""
        return Membership.objects.active().get(user=self.owner).actor

    def site(self) -> Site:
        """A new site; to be called in the host's scope."""
        return Site.objects.create(
            name=f"Site {next(_numbers)}", kind=Site.Kind.FQHC, region="NY", country="US", time_zone="America/New_York"
        )

    def plan(self) -> Deployment:
        """A new deployment of the same program; to be called in the host's scope."""
        return plan_deployment(self.program, self.site(), go_live_on=go_live(), by=self.by())


def go_live() -> date:
    """A day far enough ahead that nothing is late."""
    return timezone.localdate() + timedelta(days=330)


def stand() -> Ground:
    """Make the ground, or find it in a database that has it."""
    found = Organization.objects.filter(slug="host").first()
    if found:
        funder = Organization.objects.get(slug="funder")
        with scope(found.pk):
            deployment = Deployment.objects.select_related("program").order_by("pk").first()
            assert deployment is not None
        owner, officer = (User.objects.get(email=f"owner@{slug}.example") for slug in ("host", "funder"))
        return Ground(found, owner, funder, officer, deployment.program, deployment)
    owner, officer = (User.objects.create_user(f"owner@{slug}.example", name="Owner") for slug in ("host", "funder"))
    host = create_organization(name="Host", slug="host", kind=Organization.Kind.HEALTH, owner=owner, by=SETUP)
    funder = create_organization(name="Funder", slug="funder", kind=Organization.Kind.FUNDER, owner=officer, by=SETUP)
    with scope(host.pk):
        by = Membership.objects.active().get(user=owner).actor
        playbook = PlaybookVersion.adopt(load(STARTER), by=by, source="library")
        tool = Tool.register(title="Stillwater CBT", vendor=None, by=by)
        release = ToolVersion.register(tool, version="4.2", by=by)
        program = Program.start(title="Stillwater CBT", tool_version=release, playbook_version=playbook, by=by)
        site = Site.objects.create(name="Main Street", kind=Site.Kind.FQHC, region="NY", country="US",
                                   time_zone="America/New_York")  # fmt: skip
        deployment = plan_deployment(program, site, go_live_on=go_live(), by=by)
        deployment.share_with(funder, part=Part.FUNDER, by=by)
        project(deployment.pk)
    return Ground(host, owner, funder, officer, program, deployment)
