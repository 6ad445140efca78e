"""Upgrades over the API: tried, decided, applied, read in the ledger, and taken back."""

from datetime import date
from typing import Any

import pytest

from access.permissions import Permission
from api.tests.callers import Caller, assert_problem, caller
from onboarding.deployments.models import Deployment, Item
from onboarding.playbooks.document import PlaybookDocument
from onboarding.playbooks.models import PlaybookVersion
from onboarding.upgrades.models import Upgrade
from onboarding.upgrades.tests.later_version import later, publish
from onboarding.upgrades.tests.test_upgrade import fingerprint
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(scene: Scene) -> Caller:
    return caller(scene.world, scene.world.manager)


@pytest.fixture
def newer(scene: Scene, starter: PlaybookDocument) -> PlaybookVersion:
    """A newer version; the site has moved a date by hand that it moves too."""
    with scope(scene.world.host.pk):
        scene.item("risk-register").move_due(date(2026, 12, 1), by=scene.manager)
        changed = later(starter, risk_register={"offset_days": -130}, tabletop={"title": "Tabletop"}, load_test=None)
        return publish(changed, by=scene.manager)


def place(scene: Scene) -> str:
    return f"programs/{scene.program.pk}/upgrades"


def body(scene: Scene, newer: PlaybookVersion, **more: Any) -> dict[str, Any]:
    return {"to": str(newer.pk), "deployments": [str(scene.deployment.pk)], **more}


def state(scene: Scene) -> str:
    with scope(scene.world.host.pk):
        return fingerprint(scene.deployment)


def test_a_dry_run_shows_counts_and_conflicts_and_writes_nothing(
    scene: Scene, program: Caller, newer: PlaybookVersion
) -> None:
    before = state(scene)
    (run,) = program.get(f"{place(scene)}?to={newer.pk}").json()
    assert run["deployment_id"] == str(scene.deployment.pk)
    assert {name: run["counts"][name] for name in ("added", "retired", "conflicts")} == {
        "added": 1, "retired": 1, "conflicts": 1,
    }  # fmt: skip
    assert [(one["key"], one["field"]) for one in run["conflicts"]] == [("risk-register", "due")]
    assert state(scene) == before


def test_a_conflict_nobody_decided_refuses_the_whole_move(
    scene: Scene, program: Caller, newer: PlaybookVersion
) -> None:
    before = state(scene)
    refused = assert_problem(program.post(place(scene), body(scene, newer)), 409, "refused")
    assert "1 conflict not decided" in refused["detail"]
    assert state(scene) == before
    with scope(scene.world.host.pk):
        assert not Upgrade.objects.exists()


def test_it_is_decided_applied_once_and_taken_back_to_the_same_hash(
    scene: Scene, program: Caller, newer: PlaybookVersion
) -> None:
    before = state(scene)
    decision = {"deployment": str(scene.deployment.pk), "key": "risk-register", "field": "due", "decision": "theirs"}
    made = program.post(place(scene), body(scene, newer, decisions=[decision])).json()
    assert made["to_version_id"] == str(newer.pk)
    assert program.post(place(scene), body(scene, newer)).status_code == 204
    with scope(scene.world.host.pk):
        assert scene.item("risk-register").due_fixed is False
        assert Item.objects.filter(deployment=scene.deployment, key="tabletop").count() == 1
    ledger = program.get(f"upgrades/{made['id']}").json()
    (entry,) = ledger["deployments"]
    assert (entry["before_sha256"], entry["after_sha256"]) == (before, state(scene))
    assert [one["decision"] for one in entry["decisions"]] == ["theirs"]
    assert [one["id"] for one in program.get(f"upgrades?deployment={scene.deployment.pk}").json()["results"]] == [
        made["id"]
    ]

    assert program.post(f"upgrades/{made['id']}/undo").json()["undone_at"]
    assert state(scene) == before
    assert program.post(f"upgrades/{made['id']}/undo").status_code == 200


def test_taking_back_is_refused_where_somebody_has_built_on_it(
    scene: Scene, program: Caller, newer: PlaybookVersion
) -> None:
    made = program.post(place(scene), body(scene, newer, undecided="ours")).json()
    with scope(scene.world.host.pk):
        Item.objects.get(deployment=scene.deployment, key="tabletop").start(by=scene.manager)
    before = state(scene)
    refused = assert_problem(program.post(f"upgrades/{made['id']}/undo"), 409, "refused")
    assert "Undo would lose it" in refused["detail"]
    assert state(scene) == before


def test_scopes_and_walls_hold(scene: Scene, newer: PlaybookVersion) -> None:
    reader = caller(scene.world, scene.world.manager, {Permission.PLAYBOOK_READ})
    assert_problem(reader.post(place(scene), body(scene, newer, undecided="ours")), 403, "not-allowed")
    assert_problem(reader.get(f"{place(scene)}?to={newer.pk}"), 403, "not-allowed")
    owner = caller(scene.world, scene.world.owner)
    assert_problem(owner.get(place(scene)), 400, "bad-request")
    assert_problem(owner.get(f"{place(scene)}?to=%00"), 400, "bad-request")
    strange = body(scene, newer) | {"to": str(scene.deployment.pk)}
    assert_problem(owner.post(place(scene), strange), 404, "not-found")
    with scope(scene.world.host.pk):
        assert Deployment.objects.get(pk=scene.deployment.pk).playbook_version_id != newer.pk
