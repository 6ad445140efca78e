"""A playbook that crossed to another organization, and a change there."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from audit.actor import Actor
from onboarding.adaptations.actions.adapt import add_item
from onboarding.adaptations.models import Adaptation
from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Program
from onboarding.playbooks.actions import hand_over
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookOffer, PlaybookVersion, ReceivedPlaybook, Tool, ToolVersion
from tenancy.models import Organization, Site
from tenancy.scope import scope

FRAME = {
    "reason": "organization",
    "goal": "feasibility",
    "fidelity": "consistent",
    "planned": "planned_reactive",
    "decided_by": ["Site project manager"],
}


def publish(by: Actor, *, key: str, title: str, version: str = "1.0") -> PlaybookVersion:
    """Publish a playbook of the organization in scope."""
    document = replace(load(STARTER), key=key, title=title, version=version)
    return PlaybookVersion.publish(document, by=by, source="organization", parent=None)


def offered(giver: Organization, by: Actor, receiver: Organization, version: PlaybookVersion) -> ReceivedPlaybook:
    """Offer a version; return the receiver's row."""
    with scope(giver.pk):
        made: PlaybookOffer = hand_over.offer(version, receiver, by=by)
    with scope(receiver.pk):
        return ReceivedPlaybook.objects.select_related("source").get(source_offer_id=made.pk)


def plan_with(version: PlaybookVersion, by: Actor, *, title: str, vendor: Organization, site: str) -> Deployment:
    """Plan a deployment with the version in the organization in scope."""
    tool = Tool.register(title=title, vendor=vendor, by=by)
    program = Program.start(
        title=title, tool_version=ToolVersion.register(tool, version="1", by=by), playbook_version=version, by=by
    )
    place = Site.objects.create(name=site, kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    return plan_deployment(program, place, go_live_on=timezone.localdate() + timedelta(days=300), by=by)


def add(deployment: Deployment, by: Actor, title: str = "Tabletop", **frame: Any) -> Adaptation:
    """Add an item of the site's own."""
    return add_item(
        deployment, title=title, stage=3, owner="CSO", due_on=date(2027, 1, 11), gate_class="informs",
        frame={**FRAME, **frame}, by=by,
    )  # fmt: skip
