"""What deployments do every night."""

from audit.actor import Actor
from notices.jobs import job
from onboarding.deployments.actions import nightly_audit
from tenancy.models import Organization


@job("deployment_audit", "Deployment audit: lapsed evidence, ended waivers, reminders, portfolios", hour=3)
def deployment_audit(organization: Organization) -> dict[str, int]:
    """Look at what time alone has changed."""
    return nightly_audit.nightly_audit(by=Actor.system("deployment audit"))
