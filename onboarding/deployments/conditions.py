"""What playbook conditions read: facts of site, tool and organization, as they stand when a deployment is planned."""

from collections.abc import Mapping
from typing import Any

from facts.criteria import Reading
from onboarding.playbooks.likeness import alike
from onboarding.playbooks.models import ToolVersion
from tenancy.models import Organization, Site


class Circumstances:
    """The readings of `site.*`, `tool.*` and `organization.*` for one planned deployment."""

    def __init__(self, organization: Organization, site: Site, tool: ToolVersion) -> None:
        self._values: dict[str, Any] = {
            "organization.country": organization.country,
            "organization.kind": organization.kind,
            "site.kind": site.kind,
            "site.country": site.country,
            "site.region": site.region,
            "site.ehr": site.ehr or None,
            "site.serves_minors": site.serves_minors,
            "site.rural": site.rural,
            "tool.ehr_launched": tool.ehr_launched,
            "tool.substance_use_data": tool.substance_use_data,
            "tool.generative_ai": tool.generative_ai,
            "tool.regulated_device": tool.regulated_device,
        }

    def read(self, leaf: Mapping[str, Any]) -> Reading | None:
        """Return the value of a leaf's fact, a text in the leaf's own spelling of it; None where nothing is known."""
        value = self._values.get(leaf["fact"])
        if isinstance(value, str):
            asked = leaf["value"] if isinstance(leaf["value"], list | tuple) else [leaf["value"]]
            value = next((one for one in asked if alike(leaf["fact"], value, one)), value)
        return None if value is None else Reading(value)
