"""The dry run says which passed gates an upgrade opens again; the upgrade itself is held against it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from accounts.models import User
from onboarding.deployments.models import Deployment
from onboarding.golive.gates import recompute
from onboarding.golive.models import GatePass
from onboarding.golive.tests.readiness import ready_for_go_no_go
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.expressions import Group
from onboarding.upgrades.actions.upgrade import dry_run
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.upgrades.tests.test_upgrade import move
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db


def signed(scene: Scene) -> None:
    """G6 signed, and every gate as the facts have it."""
    ready_for_go_no_go(scene)
    GatePass(deployment=scene.deployment, gate="G6").save(force_insert=True)
    recompute(scene.deployment.pk, scene.manager)


def passed(scene: Scene) -> set[str]:
    gates = Deployment.objects.get(pk=scene.deployment.pk).gates
    return {key for key, gate in gates.items() if gate["state"] == "passed"}


@pytest.mark.parametrize(("gate_class", "opens"), [("blocks", True), ("informs", False)])
def test_what_the_dry_run_says_is_what_the_upgrade_does(
    scene: Scene, starter: PlaybookDocument, gate_class: str, opens: bool
) -> None:
    with scope(scene.world.host.pk):
        signed(scene)
        before = passed(scene)
        assert "G6" in before
        to = publish(
            later(starter, tabletop={"title": "Tabletop of an alert", "gate_class": gate_class}), by=scene.manager
        )
        [run] = dry_run(scene.program, to)
        move(scene, to)
        assert set(run.opens_again) == before - passed(scene)
        assert ("G6" in run.opens_again) is opens


def test_a_gate_that_asks_more_in_the_newer_version_opens_again(scene: Scene, starter: PlaybookDocument) -> None:
    with scope(scene.world.host.pk):
        signed(scene)
        before = passed(scene)
        [evaluated] = [one.criteria for one in starter.gates if one.key == "G9"]
        gates = tuple(
            replace(one, criteria=Group("all", (one.criteria, evaluated))) if one.key == "G6" else one
            for one in starter.gates
        )
        to = publish(replace(later(starter), gates=gates), by=scene.manager)
        [run] = dry_run(scene.program, to)
        move(scene, to)
        assert set(run.opens_again) == before - passed(scene) == {"G6"}


def test_the_page_says_so_at_the_site(
    scene: Scene, starter: PlaybookDocument, client_of: Callable[[User], Client]
) -> None:
    with scope(scene.world.host.pk):
        signed(scene)
        to = publish(
            later(starter, tabletop={"title": "Tabletop of an alert", "gate_class": "blocks"}), by=scene.manager
        )
        [run] = dry_run(scene.program, to)
    page = client_of(scene.world.manager).get(f"/o/host/programs/{scene.program.pk}/upgrade/", {"to": str(to.pk)})
    text = page.content.decode()
    assert "Passed gates open again at 1 site" in text
    assert f"Opens {', '.join(run.opens_again)} again" in text
