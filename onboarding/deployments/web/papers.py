"""The papers of a deployment that a partner may open, apart from the items they belong to."""

from typing import Any

from onboarding.deployments.lens import Lens
from onboarding.deployments.models import EvidenceVersion


def opened_papers(lens: Lens, deployment_id: Any) -> list[EvidenceVersion]:
    """Return the newest version of each paper that a partner gave or that is marked for partners, by name; one query."""
    if lens.of_host:
        return []
    newest = (
        EvidenceVersion.objects.filter(evidence__in=lens.evidence(deployment_id))
        .order_by("evidence_id", "-number")
        .distinct("evidence_id")
    )
    return sorted(newest, key=lambda version: (version.name.casefold(), version.pk))
