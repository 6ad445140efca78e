"""An organization's own figures, every night."""

from notices.jobs import job
from onboarding.metrics.actions import keep_figures
from tenancy.models import Organization


@job("stage_figures", "Stage metrics: medians among peers", hour=6)
def stage_figures(organization: Organization) -> dict[str, int]:
    """Bring the medians up to date that stand among those of other organizations."""
    return {"figures": keep_figures()}
