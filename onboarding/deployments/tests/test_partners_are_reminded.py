"""People of partners hear of the deployments that are shared with their organization, and of nothing else."""

from datetime import date
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from notices.judging import Judgement
from notices.models import Reminder
from notices.tests.subjects import ITEM
from tenancy.scope import scope
from testing.scenes import Scene

DAY = date(2026, 11, 26)


def about(scene: Scene, person: User, deployment_id: object) -> Reminder:
    return Reminder(recipient=person, kind=ITEM.name, subject_id=scene.site.pk, deployment_id=deployment_id, on=DAY)


def test_what_is_shared_is_heard_of_and_what_is_not_is_not(scene: Scene) -> None:
    scene.share()
    people = (scene.world.manager, scene.world.vendor_manager, scene.world.stranger)
    with scope(scene.world.host.pk):
        rows = [about(scene, person, at) for person in people for at in (scene.deployment.pk, uuid4(), None)]
        known = Judgement(rows)
        heard = [known.unwanted(row, DAY) == "" for row in rows]
    assert heard == [True, True, True, True, False, False, False, False, False]


def test_many_deployments_of_one_partner_cost_what_one_costs(scene: Scene) -> None:
    scene.share()
    asked = []
    with scope(scene.world.host.pk):
        for others in (0, 20):
            deployments = [scene.deployment.pk, *(uuid4() for _ in range(others))]
            with CaptureQueriesContext(connection) as captured:
                Judgement([about(scene, scene.world.vendor_manager, one) for one in deployments])
            asked.append(len(captured))
    assert asked[0] == asked[1]
