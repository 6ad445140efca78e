"""What a condition reads of site, tool and organization, as people write it in their rosters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from facts.criteria import evaluate
from onboarding.deployments.conditions import Circumstances
from onboarding.playbooks.models import ToolVersion
from tenancy.models import Organization, Site

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def holds(leaf: Any, **site: Any) -> bool | None:
    """Whether the condition holds at a site like this, for a tool with generative AI."""
    here = Circumstances(
        Organization(country="US", kind="health"),
        Site(**site),
        ToolVersion(generative_ai=True, substance_use_data=False, regulated_device=False, ehr_launched=True),
    )
    return evaluate(leaf, here, NOW).holds


@pytest.mark.parametrize(
    ("ehr", "op", "value", "wanted"),
    [
        ("Epic", "eq", "Epic", True),
        ("EPIC Hyperspace", "eq", "Epic", True),
        ("Epic (Community Connect)", "in", ["Cerner", "Epic"], True),
        ("EPIC Hyperspace", "ne", "Epic", False),
        ("Epicurus", "eq", "Epic", False),
        ("Oracle Health", "eq", "Epic", False),
        ("None", "ne", "none", False),
        ("none", "eq", "None", True),
        ("None of these", "eq", "none", False),
        ("", "eq", "Epic", None),
    ],
)
def test_a_record_system_is_known_however_the_roster_spells_it(
    ehr: str, op: str, value: Any, wanted: bool | None
) -> None:
    assert holds({"fact": "site.ehr", "op": op, "value": value}, ehr=ehr) is wanted


@pytest.mark.parametrize(
    ("leaf", "wanted"),
    [
        ({"fact": "site.kind", "op": "eq", "value": "school"}, True),
        ({"fact": "site.kind", "op": "eq", "value": "fqhc"}, False),
        ({"fact": "tool.generative_ai", "op": "eq", "value": True}, True),
        ({"fact": "tool.substance_use_data", "op": "eq", "value": True}, False),
        ({"fact": "organization.country", "op": "in", "value": ["US", "CA"]}, True),
        ({"fact": "site.region", "op": "eq", "value": "ny"}, True),
    ],
)
def test_kind_tool_and_place_are_read(leaf: Any, wanted: bool) -> None:
    assert holds(leaf, kind="school", region="NY") is wanted
