"""The list of a deployment's gates says what each asks for, and nothing that must not hold as if it had to."""

from typing import Any

import pytest

from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import gate_rows
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
A = {"fact": "items.blocking_open", "op": "eq", "value": 0, "stages": [1], "says": "Open items"}
B = {"fact": "champion.has_deputy", "op": "eq", "value": True, "says": "A deputy is named."}


@pytest.mark.parametrize(
    ("criteria", "says"),
    [
        ({"all": [A, B]}, ["Open items", "A deputy is named."]),
        ({"all": [A, {"any": [A, B]}]}, ["Open items", "One of these: Open items; A deputy is named"]),
        (
            {"any": [{"all": [A, B]}, {"not": B}]},
            ["One of these: Open items and A deputy is named; Not: A deputy is named"],
        ),
        ({"all": [{"not": B}]}, ["Not: A deputy is named"]),
        ({"not": {"any": [A, B]}}, ["None of these: Open items; A deputy is named"]),
        ({"not": {"all": [A, B]}}, ["Not all of these: Open items; A deputy is named"]),
        ({"not": {"not": B}}, ["A deputy is named."]),
        ({"not": {"any": [A, B], "says": "Somebody helps."}}, ["Not: Somebody helps"]),
        ({"any": [A, {"not": B}], "says": "It is safe."}, ["It is safe."]),
    ],
)
def test_each_criterion_reads_as_it_is_joined(scene: Scene, criteria: dict[str, Any], says: list[str]) -> None:
    with scope(scene.world.host.pk):
        deployment = Deployment.objects.for_page().get(pk=scene.deployment.pk)
        version = deployment.playbook_version
        version.content = {**version.content, "gates": [{**version.gates[0], "criteria": criteria}]}
        assert [row["says"] for row in gate_rows(deployment)] == [says]
