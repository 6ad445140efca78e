"""What the isolation suite needs to know about deployments."""

from datetime import timedelta

from django.utils import timezone

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Item, Program, TeamRole
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Site
from testing.isolation.homes import SHARED, Home
from testing.isolation.registry import Lane, builds


@builds(order=10)
def deployment(home: Home, lane: Lane) -> None:
    """Plan a deployment with its team, at a site of its own; share the one of the shared lane."""
    by = home.actor("implementation_manager")
    common = home.shared_things
    if not common:
        vendor = home.partners["vendor"]
        common["playbook"] = PlaybookVersion.adopt(load(STARTER), by=by, source="library")
        tool = Tool.register(title=f"Tool {home.open_token}", vendor=vendor, by=by)
        release = ToolVersion.register(tool, version="4.2", by=by)
        common["release"] = release
        common["program"] = Program.start(
            title=f"Program {home.open_token}", tool_version=release, playbook_version=common["playbook"], by=by
        )
    site = Site(name=f"Clinic {lane.token}", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    site.save(force_insert=True)
    go_live = timezone.localdate() + timedelta(days=120)
    planned = plan_deployment(common["program"], site, go_live_on=go_live, by=by, wave=1)
    TeamRole.objects.filter(deployment=planned).update(
        person=home.people["contributor"], deputy=home.people["implementation_manager"], vacant_since=None
    )
    items = Item.objects.filter(deployment=planned, state="todo").order_by("number")
    lane.things |= {
        "deployment": planned.pk,
        "site": site.pk,
        "program": common["program"].pk,
        "release": common["release"].pk,
        "playbook_version": common["playbook"].pk,
        "item": items[0].pk,
        "conditional_item": items.filter(gate_class="conditional", stage__lte=6, completed_by_gate=False)[0].pk,
        "other_conditional_item": items.filter(gate_class="conditional", stage__lte=6, completed_by_gate=False)[1].pk,
        "soon": timezone.localdate() + timedelta(days=5),
        "later": timezone.localdate() + timedelta(days=30),
    }
    if lane is home.lanes[SHARED]:
        for part, partner in home.partners.items():
            planned.share_with(partner, part=part, by=by)
