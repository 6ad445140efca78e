"""Nothing that people did is lost under any sequence of their work and of upgrades, on the rows of the database.

`UPGRADE_HISTORIES=500 bin/test onboarding/upgrades/tests/test_upgrade_on_rows.py` plays 500 histories, others each time.
"""

import os
from datetime import date

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from onboarding.deployments.actions.plan_deployment import plan_deployment
from onboarding.deployments.models import Program
from onboarding.deployments.models.progress import progressed
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import Tool, ToolVersion
from onboarding.upgrades.tests.later_version import publish
from onboarding.upgrades.tests.site_at_work import KEYS, SiteAtWork, written
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World
from testing.scenes import PLANNED_AT, Scene

pytestmark = pytest.mark.django_db

ASKED = int(os.environ.get("UPGRADE_HISTORIES", "0"))


@pytest.fixture
def small(world: World, starter: PlaybookDocument) -> Scene:
    """A deployment of six items, two of them core."""
    plain = {"offset_days": -90, "depends_on": (), "condition": False}
    with scope(world.host.pk):
        scene = Scene(world, None, None, None)  # type: ignore[arg-type]
        by = scene.manager
        tool = Tool.register(title="Stillwater CBT", vendor=world.vendor, by=by)
        release = ToolVersion.register(tool, version="4.2", by=by)
        playbook = publish(written(starter, tuple((key, plain) for key in KEYS), "1.0"), by=by)
        program = Program.start(title="Stillwater CBT", tool_version=release, playbook_version=playbook, by=by)
        site = Site.objects.create(
            name="Main Street", kind=Site.Kind.FQHC, region="NY", country="US", time_zone="America/New_York"
        )
        with time_machine.travel(PLANNED_AT):
            deployment = plan_deployment(program, site, go_live_on=date(2027, 3, 2), by=by)
        progressed(deployment.pk, by)  # G3 asks for nothing here: it passes, and the plan is committed to
    return Scene(world, program, site, deployment)


def test_nothing_that_people_did_is_lost_whatever_they_and_upgrades_do(small: Scene, starter: PlaybookDocument) -> None:
    SiteAtWork.scene, SiteAtWork.starter = small, starter
    asked = settings(
        max_examples=ASKED or 15,
        stateful_step_count=20,
        derandomize=not ASKED,
        phases=[Phase.generate, *([Phase.shrink] if ASKED else [])],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(SiteAtWork, settings=asked)
