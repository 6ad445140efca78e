"""What the isolation suite needs to know about upgrades."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Deployment, Item, Program
from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookVersion, ToolVersion
from onboarding.upgrades.actions.upgrade import upgrade
from onboarding.upgrades.models import Upgrade
from onboarding.upgrades.tests.later_version import later, publish
from tenancy.models import Site
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation


@builds(order=30)
def moving_and_moved(home: Home, lane: Lane) -> None:
    """A program with a conflict to decide, and one that was moved; the host's alone, the same for both lanes."""
    common = home.shared_things
    if "newer_version" not in common:
        newer = later(load(STARTER), "1.1", risk_register={"title": "Risks, owned and dated", "offset_days": -130})
        newer = replace(newer, summary=f"Newer {home.open_token}")
        common["newer_version"] = publish(newer, by=home.actor("implementation_manager")).pk
        moving = _planned(home, lane, "Moving")
        Item.objects.get(deployment=moving, key="risk-register").move_due(
            date(2026, 12, 1), by=home.actor("implementation_manager")
        )
        moved = _planned(home, lane, "Moved")
        common |= {
            "moving_program": moving.program_id,
            "moving_deployment": moving.pk,
            "upgrade": _move(home, moved.program, moved).pk,
            # Canaries change what an upgrade wrote at a site, and no such upgrade can be undone.
            "upgrade_of_program": _move(home, moving.program).pk,
        }
        Program.objects.filter(pk=moving.program_id).update(playbook_version=lane.things["playbook_version"])
    names = ("newer_version", "moving_program", "moving_deployment", "upgrade", "upgrade_of_program")
    lane.things |= {name: common[name] for name in names}


def _planned(home: Home, lane: Lane, title: str) -> Deployment:
    by = home.actor("implementation_manager")
    site = Site(name=f"{title} {home.closed_token}", kind=Site.Kind.FQHC, region="NY", time_zone="America/New_York")
    site.save(force_insert=True)
    program = Program.start(
        title=f"{title} {home.open_token}",
        tool_version=ToolVersion.objects.get(pk=lane.things["release"]),
        playbook_version=PlaybookVersion.objects.get(pk=lane.things["playbook_version"]),
        by=by,
    )
    return plan_deployment(program, site, go_live_on=timezone.localdate() + timedelta(days=120), by=by, wave=1)


def _move(home: Home, program: Program, *deployments: Deployment) -> Upgrade:
    newer = PlaybookVersion.objects.get(pk=home.shared_things["newer_version"])
    by = home.actor("implementation_manager")
    moving = [one.pk for one in deployments]
    moved = upgrade(program, newer, moving, by=by, decisions={}, for_new_sites=not moving)
    assert moved is not None
    return moved


def moving(lane: Values) -> dict[str, Any]:
    """The program that is to move."""
    return {"program": lane["moving_program"]}


def decided(lane: Values) -> dict[str, Any]:
    """The form that lets new sites use the version: canaries make conflicts that no form of ours decides."""
    return {"to": str(lane["newer_version"]), "for_new_sites": "on"}


def pk(name: str) -> Filler:
    """The address of a thing that the API calls `pk`."""
    return lambda lane: {"pk": lane[name]}


operation("org:upgrades:plan", moving, query=lambda lane: {"to": lane["newer_version"]}, body=decided)
operation("org:upgrades:list")
operation("org:upgrades:upgrade", ids("upgrade"))
operation("org:upgrades:undo", lambda lane: {"upgrade": lane["upgrade_of_program"]}, get=False, body=lambda lane: {})
api(
    "programs/<uuid:program>/upgrades", moving, query=lambda lane: {"to": lane["newer_version"]},
    body=lambda lane: {
        "to": str(lane["newer_version"]), "deployments": [str(lane["moving_deployment"])], "undecided": "ours",
    },
)  # fmt: skip
api("upgrades", query=lambda lane: {"program": lane["moving_program"]})
api("upgrades/<uuid:pk>", pk("upgrade"))
api("upgrades/<uuid:pk>/undo", pk("upgrade_of_program"), get=False, body=lambda lane: {})
